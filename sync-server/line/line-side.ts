/** All of the server that faces LINE: what is sent, what comes in, and the page that shows it. */
import type { FastifyInstance } from 'fastify'
import type { ServerDatabase } from '#server/ledger/database.ts'
import type { Ledger } from '#server/ledger/unit-of-work.ts'
import { outboxRoute } from '#server/office/outbox-page.ts'
import type { LineClient } from './client.ts'
import { LINE_TIMEOUT_MS, type LineSettings } from './settings.ts'
import { webhookRoute, webhookWorker } from './webhook.ts'
import { outboxWorker } from './worker.ts'

export type LineSide = {
  start(): void
  /** Waits for what is being sent or handled. */
  stop(): Promise<void>
}

/** Mounts the webhook (where the channel is set up) and the outbox page; nothing is sent before `start`. */
export async function lineSide(
  app: FastifyInstance,
  options: {
    database: ServerDatabase
    ledger: Ledger
    clock: () => number
    settings: LineSettings
    onError: (error: unknown, about: string) => void
  },
): Promise<LineSide> {
  const { ledger, clock, onError } = options
  const { db, dialect } = options.database
  const { messaging, baseUrl } = options.settings
  const client = messaging && (await clientOf(messaging.accessToken, baseUrl))
  const outbox = outboxWorker({
    db,
    dialect,
    client,
    clock,
    onError: (error) => onError(error, 'the outbox could not be sent'),
  })
  const webhook = webhookWorker({
    db,
    ledger,
    clock,
    onError: (error) => onError(error, 'a webhook event could not be handled'),
  })
  if (messaging) await webhookRoute(app, { db, channelSecret: messaging.channelSecret, clock, stored: webhook.wake })
  outboxRoute(app, { db, dry: client === null })
  return {
    start: () => {
      outbox.start()
      if (messaging) webhook.start()
    },
    stop: async () => {
      await Promise.all([outbox.stop(), webhook.stop()])
    },
  }
}

/** LINE's SDK is hundreds of files, which a dry run does without. */
async function clientOf(accessToken: string, baseUrl: string): Promise<LineClient> {
  const { lineClient } = await import('./client.ts')
  return lineClient({ accessToken, baseUrl, timeoutMs: LINE_TIMEOUT_MS })
}
