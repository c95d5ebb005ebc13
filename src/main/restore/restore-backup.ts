/**
 * Puts a backup in a counter's place (R11): the present file is kept aside, and the copy begins a new epoch, so that
 * whatever the old disk still does can never be mistaken for what this one does.
 */
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { z } from 'zod'
import { CURSOR_START } from '#core/contract/sync.ts'
import { isOver } from '#core/contract/withheld.ts'
import { EpochId, type TerminalId } from '#core/ids.ts'
import { lockFolder } from '#storage/instance-lock.ts'
import { migrate } from '#storage/migrate.ts'
import { openSqlite } from '#storage/open.ts'
import type { CounterTables } from '#storage/schema.ts'
import { randomId } from '#storage/random-id.ts'
import { copyWhole, listBackups, makeDurable } from './backups.ts'
import { checkFile } from './check-file.ts'
import { earlierEpochs, Identity, meta } from '#main/counter/meta.ts'
import { COUNTER_FILE, dropDraft, finishRestore, freshDraft, putInPlace } from './put-in-place.ts'

export type RestoreFault = 'noBackup' | 'neverJoined' | 'otherCounter'

/** Thrown when there is nothing to put back here; nothing has been touched. */
export class CannotRestoreError extends Error {
  readonly code: RestoreFault
  constructor(code: RestoreFault) {
    super(code)
    this.code = code
  }
}

export type Restored = { from: string; aside: string | null; epoch: EpochId }

/**
 * Restores `from`, or the newest backup that is sound. Throws CannotRestoreError, AlreadyRunningError, or what is wrong with
 * the file named; the present file is then where it was.
 */
export async function restoreBackup(dataDir: string, from: string | null, now: number): Promise<Restored> {
  const unlock = lockFolder(dataDir)
  try {
    finishRestore(dataDir)
    const source = from ?? newestSound(dataDir)
    checkFile(source)
    const [present, restored] = [ofWhom(join(dataDir, COUNTER_FILE)), ofWhom(source)]
    if (present !== null && restored !== null && present !== restored) throw new CannotRestoreError('otherCounter')
    const epoch = await makeDraft(source, dataDir)
    return { from: source, aside: putInPlace(dataDir, now), epoch }
  } finally {
    unlock()
  }
}

/** The terminal that a file is of, whose key lies beside it; null where it is none's, or cannot be read any more. */
function ofWhom(file: string): TerminalId | null {
  try {
    const raw = new Database(file, { readonly: true, fileMustExist: true })
    try {
      const value = raw.prepare("select value from meta where key = 'identity'").pluck().get()
      return Identity.parse(JSON.parse(z.string().parse(value))).terminal
    } finally {
      raw.close()
    }
  } catch {
    return null
  }
}

/** A copy with an epoch of its own, whole and on disk; none is left behind where that fails. */
async function makeDraft(source: string, dataDir: string): Promise<EpochId> {
  const draft = freshDraft(dataDir)
  try {
    copyWhole(source, draft)
    const epoch = await beginEpoch(draft)
    makeDurable(draft)
    return epoch
  } catch (error) {
    dropDraft(dataDir)
    throw error
  }
}

function newestSound(dataDir: string): string {
  for (const { path } of listBackups(dataDir)) {
    try {
      checkFile(path)
      return path
    } catch {
      // An older one may do.
    }
  }
  throw new CannotRestoreError('noBackup')
}

/** Gives the copy an epoch of its own, which owns nothing yet, and has it hear everything anew. */
async function beginEpoch(file: string): Promise<EpochId> {
  const { db, close } = openSqlite<CounterTables>(file)
  try {
    await migrate(db, 'counter', 'sqlite')
    const identity = await meta.identity.read(db)
    if (!identity) throw new CannotRestoreError('neverJoined')
    const epoch = EpochId.parse(randomId(6))
    await db.transaction().execute(async (trx) => {
      const ack = (await meta.syncPoint.read(trx))?.ack ?? 0
      const left = [...((await meta.earlier.read(trx)) ?? []), { epoch: identity.epoch, ack }]
      const earlier = await earlierEpochs(trx, { terminal: identity.terminal, epoch }, left)
      // One that has written nothing here would lead to none of those before it.
      const before = earlier.some((one) => one.epoch === identity.epoch)
        ? identity.epoch
        : (identity.before ?? identity.epoch)
      await meta.identity.write(trx, { ...identity, epoch, before })
      await meta.sent.write(trx, 0)
      await meta.earlier.write(trx, earlier)
      if (isOver(await meta.withheld.read(trx))) await meta.withheld.write(trx, null)
      await meta.syncPoint.write(trx, { cursor: CURSOR_START, ack: 0, whole: true, anew: false, owed: false })
      await trx.deleteFrom('recall').execute()
      await trx.deleteFrom('lot_ahead').execute()
      await trx.updateTable('personal').set({ sent: 0 }).execute()
      // Since the copy was made these may have been printed: a person must look.
      const unsure = { state: 'doubtful', error: 'interrupted' }
      await trx.updateTable('print_job').set(unsure).where('state', 'in', ['queued', 'sending']).execute()
      // The old state may be newer by its numbers than what the server says now.
      await trx.updateTable('lot').set({ free: 0, held: '[]', seq: 0 }).execute()
      await trx.updateTable('member').set({ seq: 0 }).execute()
    })
    return epoch
  } finally {
    await close()
  }
}
