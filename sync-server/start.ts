/** Starts the server: DATABASE_URL or DATA_DIR, HOST, PORT, LINE_*. `--demo` sets up the demo shop in an empty database. */
import '#storage/require-node.ts'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { lockFolder } from '#storage/instance-lock.ts'
import { isPostgresUrl } from '#storage/open.ts'
import { composeServer } from './compose.ts'
import { seedDemoShop } from './demo/seed.ts'
import { addressFrom, databaseFrom, makeFolderOf } from './environment.ts'
import { lineSettings } from './line/settings.ts'
import { startFaultOf } from './start-fault.ts'

const { values } = parseArgs({ options: { demo: { type: 'boolean', default: false } } })

/** Errors of databases carry rows in their details; a log carries no one's data. */
const withoutData = ({ name, message, stack, code }: Error & { code?: unknown }) => ({ name, message, stack, code })

async function main(): Promise<void> {
  const logger = pino({ level: process.env['LOG_LEVEL'] ?? 'info', serializers: { err: withoutData } })
  const database = databaseFrom(process.env)
  const unlock = isPostgresUrl(database) ? () => undefined : lockFolder(makeFolderOf(database))
  const server = await composeServer({
    database,
    ...addressFrom(process.env),
    line: lineSettings(process.env),
    logger,
    beforeListening: async ({ database, ledger }) => {
      if (values.demo) await seedDemoShop(database, ledger, Date.now)
    },
  })
  let stopping = false
  const stop = (): void => {
    if (stopping) return
    stopping = true
    server.close().then(
      () => {
        unlock()
        process.exit(0)
      },
      (error: unknown) => {
        logger.error({ err: error }, 'the server did not stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('disconnect', stop)
  logger.info({ url: server.url, ...server.notes }, 'the server is ready')
  if (process.connected) process.send?.({ ready: server.url, notes: server.notes })
}

main().catch((error: unknown) => {
  console.error(startFaultOf(error))
  process.exit(1)
})
