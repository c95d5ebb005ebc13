/**
 * A shop with one counter, for tests of the server: sales without a member are rung up, printed as claims, and sent when
 * the test says so. The counter's events are sealed and signed as the real one's are.
 */
import { generateKeyPairSync, sign } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { addDays, businessDateAt } from '#core/business-date.ts'
import { claimUrl, encodeClaim } from '#core/claim/token.ts'
import { Amount, ClaimId, EpochId, EventId, StampCardId, StoreId, TerminalId } from '#core/ids.ts'
import { claimAccount, drawerOf, issued, outsideCash } from '#core/ledger/account.ts'
import { cashAsset, POINTS, stampAsset } from '#core/ledger/asset.ts'
import { type Draft, type Hash, seal, type SealedEvent } from '#core/ledger/event.ts'
import { Programme } from '#core/loyalty/programme.ts'
import { inverse } from '#core/ledger/transfer.ts'
import { ensureCursor } from '#server/ledger/cursor.ts'
import { openServerDatabase, type Db, type ServerDatabase } from '#server/ledger/database.ts'
import { mint } from '#server/ledger/mint.ts'
import { createLedger, type Ledger } from '#server/ledger/unit-of-work.ts'
import { enqueueNotices } from '#server/line/outbox.ts'
import { receivePush } from '#server/intake/push.ts'
import { programme as cafe, TWD } from './programme.ts'
import { databasePlace, type Engine } from './server-database.ts'

const CASH = cashAsset(TWD)
export const STORE = StoreId.parse('s1')
const COFFEE = StampCardId.parse('coffee')
const CAKE = StampCardId.parse('cake')
const none = Amount.parse(0)

/** Its stamp cards are soon full, and its welcome is points and a coupon. */
export const programme = Programme.parse({
  ...cafe,
  version: 1,
  claimValidDays: 7,
  coupons: [
    { id: 'free-coffee', name: '招待咖啡', kind: { type: 'gift' }, minimumSpend: 0, validDays: 90, terms: '' },
    {
      id: 'welcome',
      name: '見面禮',
      kind: { type: 'amountOff', amount: 50 },
      minimumSpend: 0,
      validDays: 30,
      terms: '',
    },
  ],
  stampCards: [
    { id: 'coffee', name: '咖啡集點', size: 3, minimumSpend: 60, per: null, reward: 'free-coffee', validDays: 180 },
    { id: 'cake', name: '蛋糕集點', size: 3, minimumSpend: 60, per: null, reward: 'free-coffee', validDays: 180 },
  ],
  welcome: { points: 5, coupons: ['welcome'] },
})

export type Sale = { token: string; sealed: SealedEvent; receiptNumber: number }

export type ReceiptShop = {
  terminal: TerminalId
  /** Rings up a sale without a member; its receipt carries a claim. */
  sale(promise: { amount?: number; points: number; stamps?: number; cakes?: number }): Sale
  /** Voids a sale; `own` when it was never sent, else the server settles the rest. */
  voidSale(sale: Sale, mode?: 'own' | 'consequence'): void
  /** Sends everything not sent yet. */
  sync(): Promise<void>
  url(sale: Sale, baseUrl: string): string
}

export type ShopServer = { database: ServerDatabase; ledger: Ledger; shop: ReceiptShop; drop(): Promise<void> }

/** The server's ledger with that shop in it, and LINE's outbox filled as it goes. */
export async function openShopServer(engine: Engine, clock: () => number): Promise<ShopServer> {
  const { location, remove } = await databasePlace(engine)
  const database = await openServerDatabase(location)
  await ensureCursor(database.db)
  const ledger = createLedger({ database, clock, mint, afterEvents: enqueueNotices, announce: () => undefined })
  const shop = await openReceiptShop(database.db, ledger, clock)
  const drop = async () => {
    await database.close()
    await remove()
  }
  return { database, ledger, shop, drop }
}

export async function openReceiptShop(db: Db, ledger: Ledger, clock: () => number): Promise<ReceiptShop> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'jwk' }).x ?? ''
  const terminal = TerminalId.parse('7K3QZX')
  const epoch = EpochId.parse('0A1B2C')
  await db
    .insertInto('store')
    .values({ id: STORE, shop: '晨光咖啡', name: '信義店', zone: 'Asia/Taipei', cut_off_hour: 4 })
    .execute()
  await db
    .insertInto('programme')
    .values({ version: 1, document: JSON.stringify(programme) })
    .execute()
  const times = { enrolled_at: clock(), last_seen_at: clock() }
  const row = {
    id: terminal,
    store: STORE,
    name: '櫃台 1',
    public_key: raw,
    status: 'active',
    frozen_reason: null,
    heard: 1,
    epoch,
  }
  await db
    .insertInto('terminal')
    .values({ ...row, ...times })
    .execute()

  const unsent: SealedEvent[] = []
  let seq = 0
  let receipts = 0
  let head: Hash | null = null
  const today = () => businessDateAt(clock(), 'Asia/Taipei', 4)
  const happen = (draft: Draft, id = EventId.parse(uuidv7())): SealedEvent => {
    const now = { occurredAt: clock(), clockOffset: 0, businessDate: today() }
    const sealed = seal(draft, {
      id,
      store: STORE,
      terminal,
      epoch,
      seq: ++seq,
      ...now,
      staff: null,
      approvedBy: null,
      previous: head,
    })
    head = sealed.hash
    unsent.push(sealed)
    return sealed
  }
  happen({ kind: 'epoch.opened', body: { before: null }, transfers: [], lots: [] })

  const sale: ReceiptShop['sale'] = ({ amount = 450, points, stamps = 0, cakes = 0 }) => {
    const id = EventId.parse(uuidv7())
    const claimId = ClaimId.parse(id)
    const receiptNumber = ++receipts
    const total = Amount.parse(amount)
    const expiresOn = addDays(today(), programme.claimValidDays)
    const promised = {
      amount: total,
      points: Amount.parse(points),
      stamps: stamps > 0 ? { card: COFFEE, count: stamps } : null,
    }
    const printed = { claimId, terminal, epoch, receiptNumber, ...promised, businessDate: today(), expiresOn }
    const token = encodeClaim(printed, (bytes) => new Uint8Array(sign(null, bytes, privateKey)))
    const to = claimAccount(claimId)
    const sealed = happen(
      {
        kind: 'sale.completed',
        body: {
          receipt: { number: receiptNumber, code: `R${terminal}${epoch}${receiptNumber}` },
          member: null,
          lines: [{ name: '咖啡', product: null, unitPrice: total, quantity: 1, amount: total }],
          discounts: [],
          total,
          tenders: [{ kind: 'cash', amount: total, received: total, change: none }],
          earned: { points: none, stamps: [] },
          claim: { token, expiresOn },
          programme: 1,
          note: '',
        },
        transfers: [
          { asset: CASH, from: outsideCash(TWD), to: drawerOf(terminal), amount },
          ...(points > 0 ? [{ asset: POINTS, from: issued(POINTS), to, amount: points }] : []),
          ...(stamps > 0 ? [{ asset: stampAsset(COFFEE), from: issued(stampAsset(COFFEE)), to, amount: stamps }] : []),
          ...(cakes > 0 ? [{ asset: stampAsset(CAKE), from: issued(stampAsset(CAKE)), to, amount: cakes }] : []),
        ],
        lots: [],
      },
      id,
    )
    return { token, sealed, receiptNumber }
  }

  return {
    terminal,
    sale,
    voidSale: ({ sealed }, mode = 'consequence') => {
      if (sealed.event.kind !== 'sale.completed') throw new Error('not a sale')
      const { total, tenders } = sealed.event.body
      const receipt = { number: ++receipts, code: `R${terminal}${epoch}${receipts}` }
      const body = {
        reverses: sealed.event.id,
        mode,
        receipt,
        member: null,
        tenders,
        total,
        reason: '',
      }
      const cash = [{ asset: CASH, from: drawerOf(terminal), to: outsideCash(TWD), amount: total }]
      const transfers = mode === 'own' ? inverse(sealed.event.transfers) : cash
      happen({ kind: 'sale.refunded', body, transfers, lots: [] })
    },
    sync: async () => {
      const events = unsent.splice(0).map(({ event, text, hash }) => ({ seq: event.seq, hash, text }))
      const pushed = await receivePush(ledger, { holder: { terminal, epoch }, store: STORE, events, personal: [] })
      if (pushed.kind !== 'stored' || pushed.quarantined > 0)
        throw new Error(`the push was not taken: ${JSON.stringify(pushed)}`)
    },
    url: ({ token }, baseUrl) => claimUrl(baseUrl, token),
  }
}
