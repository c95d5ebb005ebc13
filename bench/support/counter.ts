/** A counter from the product's own parts, on a file that knows the shop already, with no network. */
import { generateKeyPairSync, sign } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import { v7 as uuidv7 } from 'uuid'
import { encodeClaim } from '#core/claim/token.ts'
import { EpochId, EventId, StaffId, StoreId, TerminalId, type MemberId } from '#core/ids.ts'
import type { Draft } from '#core/ledger/event.ts'
import { momentAt, type Counter } from '#main/counter/counter.ts'
import { openLedger } from '#main/counter/ledger.ts'
import type { Identity } from '#main/counter/meta.ts'
import { loadShop } from '#main/counter/shop.ts'
import { mutexPerKey } from '#main/mutex.ts'
import { openSqlite, type SqliteOpened } from '#storage/open.ts'
import type { CounterTables } from '#storage/schema.ts'
import { STORE } from './shop.ts'

/**
 * A counter writes its log back every five seconds, which are far fewer sales than these, and then writes over it. Sales
 * without a pause leave the clock no turn: their log would only grow, and each sync wait for the disk to find it room.
 */
export const SALES_A_CHECKPOINT = 50
export const checkpoint = (raw: Database): void => void raw.pragma('wal_checkpoint(PASSIVE)')

export type BenchCounter = { counter: Counter; storage: SqliteOpened<CounterTables> }

/** The identity of a counter that has joined no server. */
export const nobody: Identity = {
  terminal: TerminalId.parse('BENCH0'),
  epoch: EpochId.parse('EP0001'),
  store: StoreId.parse(STORE.id),
  counter: 'Counter 1',
  serverUrl: 'http://127.0.0.1',
  before: null,
}

const { privateKey } = generateKeyPairSync('ed25519')

/** Opens the file as this counter's, and its chain. */
export async function openCounter(file: string, identity: Identity): Promise<BenchCounter> {
  const storage = openSqlite<CounterTables>(file)
  const { db } = storage
  const ledger = await openLedger(db, identity)
  const shop = await loadShop(db, identity.store)
  if (!shop) throw new Error('the file does not know the shop')
  // What the file has of before has long been sent, and what it says of members contains it.
  const told = ledger.head()
  let stored = told
  const counter: Counter = {
    db,
    identity,
    ledger,
    day: {
      isOpen: () => true,
      closed: () => null,
      begin: async () => undefined,
      reopen: async () => undefined,
      close: async () => undefined,
    },
    rights: {
      online: () => false,
      mayLend: () => true,
      mayUseKept: () => true,
      acquire: async () => null,
      accept: async () => undefined,
      hold: () => () => undefined,
      nudge: () => undefined,
    },
    elsewhere: async () => null,
    inTurn: mutexPerKey<MemberId>(),
    shop: () => shop,
    settings: () => ({ printer: null, claimBaseUrl: 'https://liff.line.me/1234567890-abcdefgh', language: 'zh-TW' }),
    ack: () => told,
    standings: new Map(),
    isWhole: () => true,
    storedUpTo: () => stored,
    stored: (seq) => void (stored = seq),
    staff: () => ({ id: StaffId.parse('mei'), name: '陳小梅', role: 'staff' }),
    moment: () => momentAt({ wall: Date.now, now: Date.now }, shop, ledger.last()),
    signClaim: (claim) => encodeClaim(claim, (bytes) => sign(null, bytes, privateKey)),
    changed: () => undefined,
    print: () => undefined,
  }
  const opened: Draft = { kind: 'epoch.opened', body: { before: null }, lots: [], transfers: [] }
  const noOne = { staff: null, approvedBy: null }
  await ledger.write((unit) => unit.append(EventId.parse(uuidv7()), opened, counter.moment(), noOne))
  return { counter, storage }
}
