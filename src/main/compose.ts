/**
 * The terminal, built from its parts and knowing nothing of Electron: a folder of data, a key store and a clock in; a
 * router for any client, and `close`, out.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { EventPublisher } from '@orpc/server'
import type { Kysely } from 'kysely'
import type { PrintJobView } from '#core/contract/views.ts'
import { storageFault } from '#storage/fault.ts'
import { migrate } from '#storage/migrate.ts'
import { openSqlite, type SqliteOpened } from '#storage/open.ts'
import type { CounterTables } from '#storage/schema.ts'
import { startBackups, type Backups } from '#main/restore/backup-schedule.ts'
import { checkFile } from '#main/restore/check-file.ts'
import { meta, type Identity } from './counter/meta.ts'
import { startEngine, type Engine } from './engine.ts'
import { lockFolder } from '#storage/instance-lock.ts'
import { joinShop } from './join-shop.ts'
import type { KeyStore } from '#main/keys/key-store.ts'
import { KeyMissingError, keptKey } from '#main/keys/keys.ts'
import { mutex } from './mutex.ts'
import { COUNTER_FILE, mendRestore } from '#main/restore/put-in-place.ts'
import { createRouter, type TerminalRouter } from './rpc/router.ts'
import { statusOf } from './status.ts'
import type { EnrolRequest, Joining, TerminalEvents } from './terminal.ts'

export type TerminalOptions = {
  dataDir: string
  keyStore: KeyStore
  /** Unix ms. */
  now?: () => number
  /** Milliseconds that only go on, whoever sets the machine's clock. */
  ticks?: () => number
  /** Shows barcodes to try the counter with. */
  demo?: boolean
  /** Where the shop's server is now, should it have moved since this counter joined it. */
  serverUrl?: string | undefined
  onError?: (error: unknown) => void
  /** `byHand`: nothing syncs by itself; whoever holds the engine runs each round. */
  rounds?: 'timed' | 'byHand'
  /** The most events it sends in one push; what the protocol takes, unless told. */
  eventsAPush?: number
}

export type Terminal = Joining & { router: TerminalRouter; close(): Promise<void> }

/** How often a counter that joined but never heard its shop tries again. */
const RESUME_MS = 3_000

/**
 * Opens the counter's database and starts what can be started. Throws AlreadyRunningError, NewerDatabaseError,
 * WrongDatabaseError, RestoreCutShortError, or SQLite's own error for a damaged file; none of them has changed anything.
 */
export async function composeTerminal(options: TerminalOptions): Promise<Terminal> {
  const {
    dataDir,
    keyStore,
    now = Date.now,
    ticks = () => Math.floor(performance.now()),
    onError = () => undefined,
  } = options
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const unlock = lockFolder(dataDir)
  const file = join(dataDir, COUNTER_FILE)
  const storage = openChecked(dataDir, unlock)
  const events = new EventPublisher<TerminalEvents>()
  let engine: Engine | null = null
  let backups: Backups | null = null
  const closing = new AbortController()
  const oneEnrolment = mutex()
  let starting: Promise<void> = Promise.resolve()
  let resuming: NodeJS.Timeout | undefined

  const publish = () => {
    if (engine) statusOf(engine).then((status) => events.publish('told', { about: 'status', status }), onError)
  }
  const start = async (identity: Identity) => {
    const key = await keptKey(keyStore)
    const onPrintJob = (job: PrintJobView) => events.publish('told', { about: 'printJob', job })
    const { signal } = closing
    const { rounds, eventsAPush } = options
    const parts = { db: storage.db, identity, key, now, ticks, closing: signal, rounds, eventsAPush }
    const running = await startEngine({ ...parts, onChange: publish, onPrintJob, onError })
    engine = running
    const lastWork = () => running.counter.ledger.last()?.at ?? 0
    backups ??= startBackups({ file, dataDir, now, lastWork, onError })
    publish()
  }
  /** A shop that cannot be heard yet is asked again; a fault of this counter's own is thrown. */
  const resume = (identity: Identity): Promise<void> => {
    starting = start(identity).catch((error: unknown) => {
      if (storageFault(error) || error instanceof KeyMissingError) throw error
      onError(error)
      if (closing.signal.aborted) return
      resuming = setTimeout(() => void resume(identity).catch(onError), RESUME_MS)
    })
    return starting
  }

  const joiner = { db: storage.db, keyStore, now, engine: () => engine, start: resume, onError }

  try {
    await migrate(storage.db, 'counter', 'sqlite')
    const identity = await knownAs(storage.db, options.serverUrl)
    if (identity) await resume(identity)
  } catch (error) {
    await storage.close()
    unlock()
    throw error
  }

  const terminal = {
    engine: () => engine,
    enrol: (request: EnrolRequest) => oneEnrolment(() => joinShop(joiner, request)),
    backUp: () => backups?.now(),
    async close() {
      closing.abort()
      clearTimeout(resuming)
      backups?.stop()
      await starting.catch(() => undefined)
      await engine?.close()
      await storage.close()
      unlock()
    },
  }
  return { ...terminal, router: createRouter({ ...terminal, events, demo: options.demo ?? false }) }
}

/** Checks the file before anything is written to it. Throws what is wrong with it, and lets go of the folder. */
function openChecked(dataDir: string, unlock: () => void): SqliteOpened<CounterTables> {
  const file = join(dataDir, COUNTER_FILE)
  try {
    mendRestore(dataDir)
    if (existsSync(file)) checkFile(file)
    return openSqlite<CounterTables>(file)
  } catch (error) {
    unlock()
    throw error
  }
}

/** Who this counter is, with the server's address as it is now. */
async function knownAs(db: Kysely<CounterTables>, serverUrl: string | undefined): Promise<Identity | null> {
  const identity = await meta.identity.read(db)
  if (!identity || serverUrl === undefined || serverUrl === identity.serverUrl) return identity
  const moved = { ...identity, serverUrl }
  await meta.identity.write(db, moved)
  return moved
}
