/** A counter that has joined its shop, put together from its parts. */
import { v7 as uuidv7 } from 'uuid'
import type { Kysely } from 'kysely'
import { encodeClaim } from '#core/claim/token.ts'
import type { Settings } from '#core/contract/terminal.ts'
import type { PrintJobView, StaffView } from '#core/contract/views.ts'
import { EventId, type MemberId } from '#core/ids.ts'
import type { Draft } from '#core/ledger/event.ts'
import type { CounterTables } from '#storage/schema.ts'
import { createClock } from './counter/clock.ts'
import { openDay } from './counter/day.ts'
import { momentAt, type Counter } from './counter/counter.ts'
import { openKnowledge } from './counter/knowledge.ts'
import { jobView } from './counter/print-jobs.ts'
import { NOBODY, openLedger } from './counter/ledger.ts'
import { meta, type Identity } from './counter/meta.ts'
import { createSession, type Session } from './counter/session.ts'
import { createSpool, type Spool } from './devices/printing/spool.ts'
import { printerFinder } from './devices/printing/printer-for.ts'
import type { TerminalKey } from '#main/keys/keys.ts'
import { mutexPerKey } from './mutex.ts'
import { forAll, forEachQuestion, waysTo } from './sync/cashier-waits.ts'
import { syncClient } from './sync/client.ts'
import { openSnapshot } from './sync/open-snapshot.ts'
import { ForkedError, isOwnHead } from './sync/forked.ts'
import { takeFirstSnapshot, takeSnapshot } from './sync/snapshot.ts'
import { createSync, type Sync } from './sync/sync.ts'

export type Engine = {
  counter: Counter
  /** For one command: it stays its cashier's, whoever signs out or in before it is done, and waits for the server once. */
  forCommand(staff: StaffView | null): Counter
  session: Session
  sync: Sync
  spool: Spool
  updateSettings(settings: Settings): Promise<void>
  /** Goes up with every change in what is known of members. */
  dataVersion(): number
  /** What this machine's clock lacks, ms, when that is much. */
  clockSkew(): number | null
  /** This epoch's events that the server has not said it has. */
  unsynced(): number
  close(): Promise<void>
}

export type EngineOptions = {
  db: Kysely<CounterTables>
  identity: Identity
  key: TerminalKey
  now: () => number
  /** Milliseconds that only go on, whoever sets the machine's clock. */
  ticks: () => number
  /** The terminal is closing: what waits for the server need not. */
  closing: AbortSignal
  onChange(): void
  rounds?: 'timed' | 'byHand' | undefined
  eventsAPush?: number | undefined
  onPrintJob(job: PrintJobView): void
  onError(error: unknown): void
}

/** Puts the counter together and, at its first start, fetches the shop. Throws when that cannot be had yet. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { db, identity, key, now, ticks, closing, onChange, onError } = options
  const ledger = await openLedger(db, identity)
  const credentials = { terminal: identity.terminal, sign: key.sign }
  let keeping = Promise.resolve()
  const clock = createClock({
    wall: now,
    ticks,
    kept: (await meta.clockOffset.read(db)) ?? { offset: 0, heard: null },
    last: ledger.last(),
    onServerTime: (said) => {
      keeping = keeping.then(() => meta.clockOffset.write(db, said)).catch(onError)
      onChange()
    },
  })
  const client = syncClient(identity.serverUrl, credentials, clock.now, clock.heard)
  const snapshot = () => openSnapshot(identity.serverUrl, identity.epoch, credentials, clock.now, closing, clock.heard)

  const first = async () => takeFirstSnapshot(db, ledger.write, await snapshot())
  const { point, shop, reload, version, changed, ...known } = await openKnowledge({
    db,
    store: identity.store,
    first,
    onChange,
  })
  const moment = () => momentAt(clock, shop(), ledger.last())
  if (ledger.head() === 0) {
    const opened: Draft = { kind: 'epoch.opened', body: { before: identity.before }, lots: [], transfers: [] }
    await ledger.write((unit) => unit.append(EventId.parse(uuidv7()), opened, moment(), NOBODY))
  }
  const withheld = await meta.withheld.read(db)
  let settings = (await meta.settings.read(db)) ?? DEFAULT_SETTINGS
  const day = await openDay(db, ledger.holder, () => moment().today)
  const session = createSession(db, shop, clock.now)
  const printerFor = printerFinder()
  const spool = createSpool({
    db,
    printer: printerFor(settings),
    now: clock.now,
    onChange: (job) => {
      options.onPrintJob(jobView(job))
      onChange()
    },
    onError,
  })

  const server = { client, holder: ledger.holder, moment, sync: () => sync }
  const counter: Counter = {
    db,
    identity,
    ledger,
    day,
    ...waysTo(server, forEachQuestion),
    inTurn: mutexPerKey<MemberId>(),
    shop,
    settings: () => settings,
    standings: new Map(),
    ...known,
    staff: session.staff,
    moment,
    signClaim: (claim) => encodeClaim(claim, key.sign),
    changed,
    print: spool.kick,
  }
  const sync = createSync({
    client,
    counter,
    point,
    withheld,
    now: clock.now,
    takeSnapshot: async () => {
      const anew = await snapshot()
      if (!(await isOwnHead(counter, anew.head.ack))) {
        await anew.letGo()
        throw new ForkedError()
      }
      point.set({ ...point.get(), whole: false, anew: true })
      point.set(await takeSnapshot(ledger.write, anew, point.get()))
      await reload()
    },
    onConnection: changed,
    onRows: reload,
    onServerTime: clock.heard,
    onError,
    rounds: options.rounds ?? 'timed',
    eventsAPush: options.eventsAPush,
  })

  spool.start()
  sync.start()

  return {
    counter,
    forCommand: (staff) => ({ ...counter, ...waysTo(server, forAll()), staff: () => staff }),
    session,
    sync,
    spool,
    dataVersion: version,
    clockSkew: clock.skew,
    unsynced: () => ledger.head() - counter.storedUpTo(),
    async updateSettings(next) {
      await meta.settings.write(db, next)
      settings = next
      spool.setPrinter(printerFor(next))
      onChange()
    },
    async close() {
      await sync.stop()
      await keeping
      await spool.stop()
    },
  }
}

const DEFAULT_SETTINGS: Settings = { printer: null, claimBaseUrl: null, language: 'zh-TW' }
