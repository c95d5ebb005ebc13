/** Whether the server is well, and its figures with what waits in its tables now. */
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { Db } from '#server/ledger/database.ts'
import type { Metrics } from './metrics.ts'

export function healthRoutes(app: FastifyInstance, db: Db, metrics: Metrics): void {
  const count = async (table: 'inbox' | 'outbox' | 'quarantine' | 'waiting', open = sql<boolean>`true`) => {
    const query = db.selectFrom(table).select(({ fn }) => fn.countAll<number>().as('count'))
    return Number((await query.where(open).executeTakeFirstOrThrow()).count)
  }
  app.get('/health', async (_request, reply) => {
    try {
      const cursor = await db.selectFrom('cursor').select('seq').executeTakeFirstOrThrow()
      return { ok: true, upTo: cursor.seq }
    } catch {
      return reply.code(503).send({ ok: false })
    }
  })
  app.get('/metrics', async (_request, reply) => {
    const gauges = {
      inbox: await count('inbox'),
      outbox_pending: await count('outbox', sql`state = 'pending'`),
      quarantine: await count('quarantine', sql`resolved_by is null`),
      waiting: await count('waiting'),
    }
    return reply.type('text/plain; version=0.0.4').send(metrics.text(gauges))
  })
}
