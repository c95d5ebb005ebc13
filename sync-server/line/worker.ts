/**
 * Sends what the outbox holds. Any number of processes may run it: a row is claimed by moving its next attempt ahead
 * before it is sent, and a claim that outlives its process only means another attempt under the same retry key, which LINE
 * answers with 409 when it has the message already. At most one message per row is ever accepted (invariant 9).
 */
import { sql, type Kysely } from 'kysely'
import type { Dialect } from '#storage/open.ts'
import type { ServerTables } from '#storage/schema.ts'
import type { OutboxTable } from '#storage/server-tables.ts'
import { backoffMs } from './backoff.ts'
import type { LineClient, PushOutcome } from './client.ts'
import { loop } from '#server/jobs/loop.ts'
import { parseJson } from '#server/json.ts'
import { LineMessages } from './message.ts'

export type OutboxWorker = {
  start(): void
  /** Waits for what is being sent; nothing is left half done. */
  stop(): Promise<void>
  /** Sends everything that is due and says how many rows it touched. */
  runDue(): Promise<number>
}

export type OutboxOptions = {
  db: Kysely<ServerTables>
  dialect: Dialect
  /** Null: a dry run. Rows become `dry` and are never sent, not even when credentials come later. */
  client: LineClient | null
  clock: () => number
  random?: () => number
  /** How long a claimed row is let alone; longer than the client's timeout. */
  leaseMs?: number
  pollMs?: number
  onError?: (error: unknown) => void
}

const LANES = 4
/** LINE forgets a retry key 24 h after its first use; a margin stands for clocks and a last attempt on its way. */
const KEY_USE_MS = 24 * 3_600_000 - 10 * 60_000
/** A notice this old tells nobody anything new: a used-up month must not come out on the first of the next. */
const STALE_MS = 24 * 3_600_000
const RATE_PAUSE_MS = 10_000
const QUOTA_PAUSE_MS = 60 * 60_000

export function outboxWorker(options: OutboxOptions): OutboxWorker {
  const { db, dialect, client, clock, random = Math.random, leaseMs = 60_000, pollMs = 1_000 } = options
  const { onError = () => undefined } = options
  let pausedUntil = 0
  let stopping = false

  const runDue = async (): Promise<number> => {
    if (!client) return settleDry(db, clock())
    await buryExpired(db, clock())
    await buryStale(db, clock())
    const lanes = Array.from({ length: LANES }, () => lane(client))
    const touched = await Promise.all(lanes)
    return touched.reduce((sum, one) => sum + one, 0)
  }

  const lane = async (line: LineClient): Promise<number> => {
    for (let touched = 0; ; touched++) {
      if (stopping || clock() < pausedUntil) return touched
      const row = await claimNext(db, dialect, clock(), leaseMs)
      if (!row) return touched
      await settle(row, await send(line, row))
    }
  }

  const settle = async (row: OutboxTable, outcome: PushOutcome): Promise<void> => {
    const now = clock()
    if (outcome.kind === 'accepted') return finish(db, row, { state: 'sent', error: null, settled_at: now })
    if (outcome.kind === 'refused') return finish(db, row, { state: 'dead', error: outcome.reason, settled_at: now })
    if (outcome.kind === 'retry') {
      return finish(db, row, { error: outcome.reason, next_at: now + backoffMs(row.attempts, random) })
    }
    const pause = outcome.reason === 'quota' ? QUOTA_PAUSE_MS : RATE_PAUSE_MS
    pausedUntil = now + pause
    return finish(db, row, { error: outcome.reason, next_at: now + pause + backoffMs(1, random) })
  }

  const turns = loop(runDue, pollMs, onError)
  return {
    runDue,
    start: turns.start,
    stop: () => {
      stopping = true
      return turns.stop()
    },
  }
}

/** A row as it was written, or a refusal when it cannot have been ours. */
function send(line: LineClient, row: OutboxTable): Promise<PushOutcome> {
  const messages = LineMessages.safeParse(parseJson(row.messages))
  if (!messages.success) return Promise.resolve({ kind: 'refused', reason: 'unreadable message' })
  return line.push(row.line_user, messages.data, row.retry_key)
}

/**
 * Takes the row that has been due longest, in one statement. The attempt and its time are on disk before LINE hears of
 * it, so that the 24 h of the retry key are never counted short.
 */
async function claimNext(
  db: Kysely<ServerTables>,
  dialect: Dialect,
  now: number,
  leaseMs: number,
): Promise<OutboxTable | undefined> {
  return db
    .updateTable('outbox')
    .set((eb) => ({
      next_at: now + leaseMs,
      attempts: eb('attempts', '+', 1),
      first_sent_at: eb.fn.coalesce('first_sent_at', sql<number>`cast(${now} as bigint)`),
    }))
    .where('id', '=', (eb) => {
      const due = eb
        .selectFrom('outbox as due')
        .select('due.id')
        .where('due.state', '=', 'pending')
        .where('due.next_at', '<=', now)
        .where('due.created_at', '>', now - STALE_MS)
        .where((eb) => eb.or([eb('due.first_sent_at', 'is', null), eb('due.first_sent_at', '>', now - KEY_USE_MS)]))
        .orderBy('due.next_at')
        .orderBy('due.id')
        .limit(1)
      return dialect === 'postgres' ? due.forUpdate().skipLocked() : due
    })
    .returningAll()
    .executeTakeFirst()
}

async function finish(db: Kysely<ServerTables>, row: OutboxTable, set: Partial<OutboxTable>): Promise<void> {
  await db.updateTable('outbox').set(set).where('id', '=', row.id).where('state', '=', 'pending').execute()
}

/** Rows whose retry key LINE may have forgotten: another attempt could be a second message. */
const buryExpired = (db: Kysely<ServerTables>, now: number) =>
  bury(db, now, 'expired', 'first_sent_at', now - KEY_USE_MS)

/** Rows that waited too long for their turn, most often for another month's quota. */
const buryStale = (db: Kysely<ServerTables>, now: number) => bury(db, now, 'stale', 'created_at', now - STALE_MS)

/** Those that are not being sent just now. What was last the matter stands behind the reason. */
async function bury(
  db: Kysely<ServerTables>,
  now: number,
  reason: 'expired' | 'stale',
  column: 'first_sent_at' | 'created_at',
  upTo: number,
): Promise<void> {
  await db
    .updateTable('outbox')
    .set((eb) => ({
      state: 'dead',
      settled_at: now,
      error: eb.fn.coalesce(sql<string>`${sql.lit(`${reason}: `)} || error`, sql<string>`${sql.lit(reason)}`),
    }))
    .where('state', '=', 'pending')
    .where(column, '<=', upTo)
    .where('next_at', '<=', now)
    .execute()
}

async function settleDry(db: Kysely<ServerTables>, now: number): Promise<number> {
  const result = await db
    .updateTable('outbox')
    .set({ state: 'dry', settled_at: now })
    .where('state', '=', 'pending')
    .executeTakeFirst()
  return Number(result.numUpdatedRows)
}
