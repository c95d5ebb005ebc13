/** An outbox worker as a process of its own, to be killed: `node outbox-process.ts <database> <LINE's URL> <token>`. */
import { lineClient } from '#server/line/client.ts'
import { outboxWorker } from '#server/line/worker.ts'
import { openDatabase } from '#storage/open.ts'
import type { ServerTables } from '#storage/schema.ts'

const [database = '', baseUrl = '', accessToken = ''] = process.argv.slice(2)
const { db, dialect } = openDatabase<ServerTables>(database)
outboxWorker({
  db,
  dialect,
  client: lineClient({ accessToken, baseUrl, timeoutMs: 2_000 }),
  clock: Date.now,
  leaseMs: 400,
  pollMs: 20,
}).start()
