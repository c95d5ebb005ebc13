/**
 * LINE's webhook. What LINE sends is signed over its raw bytes, stored, and answered at once; what it means is worked out
 * afterwards, once per event however often LINE sends it.
 */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { chunks } from '#storage/bulk.ts'
import type { Db, Trx } from '#server/ledger/database.ts'
import type { Ledger } from '#server/ledger/unit-of-work.ts'
import { loop, type Loop } from '#server/jobs/loop.ts'
import { parseJson } from '#server/json.ts'

/** The part of an event that we stand on; LINE adds fields without notice. */
const WebhookEvent = z.object({
  webhookEventId: z.string().min(1).max(64),
  type: z.string().max(64),
  timestamp: z.number().int(),
  source: z.object({ userId: z.string().max(64).optional() }).optional(),
})
type WebhookEvent = z.infer<typeof WebhookEvent>
const Delivery = z.object({ events: z.array(WebhookEvent).max(1000) })

const BODY_MAX = 1024 * 1024
const POLL_MS = 5_000
const BATCH = 200
/** How long a handled event is remembered: LINE redelivers for hours, not weeks. */
const KEPT_MS = 30 * 86_400_000

/** Mounts POST /line/webhook. `stored` is called when there is something new to handle. */
export async function webhookRoute(
  app: FastifyInstance,
  { db, channelSecret, clock, stored }: { db: Db; channelSecret: string; clock: () => number; stored: () => void },
): Promise<void> {
  const { validateSignature } = await import('@line/bot-sdk')
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.post('/line/webhook', { bodyLimit: BODY_MAX }, async (request, reply) => {
      const signature = request.headers['x-line-signature']
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      if (typeof signature !== 'string' || !validateSignature(body, channelSecret, signature)) {
        return reply.code(401).send({ error: 'badSignature' })
      }
      const delivery = Delivery.safeParse(parseJson(body.toString()))
      if (!delivery.success) return reply.code(400).send({ error: 'unreadable' })
      if (await keep(db, delivery.data.events, clock())) stored()
      return reply.code(200).send({})
    })
  })
}

/** Stores what is new; whether anything was. Of an event we keep what we stand on, not what a member wrote. */
async function keep(db: Db, events: readonly WebhookEvent[], now: number): Promise<boolean> {
  let fresh = 0
  for (const part of chunks(events, 4)) {
    const result = await db
      .insertInto('webhook_event')
      .values(
        part.map((event) => ({ id: event.webhookEventId, received_at: now, body: JSON.stringify(event), handled: 0 })),
      )
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirst()
    fresh += Number(result.numInsertedOrUpdatedRows ?? 0)
  }
  return fresh > 0
}

export type WebhookWorker = Loop & { runDue(): Promise<void> }

/** Works out what stored events mean. Any number of processes may run it: what it does is the same done twice. */
export function webhookWorker(options: {
  db: Db
  ledger: Ledger
  clock: () => number
  onError?: (error: unknown) => void
}): WebhookWorker {
  const { db, ledger, clock } = options
  const runDue = async (): Promise<void> => {
    for (;;) {
      const rows = await db
        .selectFrom('webhook_event')
        .select(['id', 'body'])
        .where('handled', '=', 0)
        .orderBy('received_at')
        .orderBy('id')
        .limit(BATCH)
        .execute()
      if (rows.length === 0) break
      const events = rows.flatMap((row) => WebhookEvent.safeParse(parseJson(row.body)).data ?? [])
      for (const event of events.toSorted((a, b) => a.timestamp - b.timestamp)) await handle(ledger, event)
      await db
        .updateTable('webhook_event')
        .set({ handled: 1 })
        .where(
          'id',
          'in',
          rows.map((row) => row.id),
        )
        .execute()
    }
    await db
      .deleteFrom('webhook_event')
      .where('handled', '=', 1)
      .where('received_at', '<', clock() - KEPT_MS)
      .execute()
  }
  return { runDue, ...loop(runDue, POLL_MS, options.onError ?? (() => undefined)) }
}

/** A friend's latest word counts, whatever the order they come in. Nobody is bound to most. */
async function handle(ledger: Ledger, event: WebhookEvent): Promise<void> {
  const user = event.source?.userId
  if (user === undefined || (event.type !== 'follow' && event.type !== 'unfollow')) return
  const blocked = Number(event.type === 'unfollow')
  await ledger.write(null, async (unit) => {
    const { trx, now } = unit
    const bound = await trx.selectFrom('personal').select('member').where('line_user', '=', user).executeTakeFirst()
    if (!bound) return
    const { member: id } = bound
    const member = (await unit.lockMembers([id])).get(id)
    // Under the lock: another process may be at the later word just now.
    if (!member || member.blocked === blocked || (await isOvertaken(trx, user, event))) return
    unit.later((trx, seq) => trx.updateTable('member').set({ blocked, seq }).where('id', '=', id).execute())
    if (blocked) unit.later((trx) => dropPending(trx, user, now))
  })
}

/** Whether a later word of the same friend has come before this one: what LINE delivers again, or late, comes after it. */
async function isOvertaken(trx: Trx, user: string, { webhookEventId, timestamp }: WebhookEvent): Promise<boolean> {
  const rows = await trx
    .selectFrom('webhook_event')
    .select('body')
    .where('id', '<>', webhookEventId)
    .where('body', 'like', `%"userId":"${user.replaceAll(/[%_\\]/g, '')}"%`)
    .execute()
  return rows.some((row) => {
    const other = WebhookEvent.safeParse(parseJson(row.body)).data
    return other && (other.type === 'follow' || other.type === 'unfollow') && other.timestamp > timestamp
  })
}

/** What has not been tried yet will not reach who has blocked the shop; it would only count against the quota. */
async function dropPending(trx: Trx, user: string, now: number): Promise<void> {
  await trx
    .updateTable('outbox')
    .set({ state: 'dead', error: 'blocked', settled_at: now })
    .where('line_user', '=', user)
    .where('state', '=', 'pending')
    .where('attempts', '=', 0)
    .execute()
}
