/** One new counter in a process of its own: joins the server, and tells when it is usable and the most memory it took. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { composeTerminal } from '#main/compose.ts'
import { fileKeyStore } from '#main/keys/key-store.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '' },
    server: { type: 'string', default: '' },
    code: { type: 'string', default: '' },
  },
})

const terminal = await composeTerminal({
  dataDir: values.data,
  keyStore: fileKeyStore(join(values.data, 'terminal.key')),
  onError: (error) => console.error(error),
})
const start = performance.now()
const joined = await terminal.enrol({ serverUrl: values.server, code: values.code, counter: 'Counter 1' })
const seconds = (performance.now() - start) / 1_000
const engine = terminal.engine()
if (!joined.ok || !engine) throw new Error('the new counter did not get its snapshot')
const members = await engine.counter.db
  .selectFrom('member')
  .select(({ fn }) => fn.countAll<number>().as('count'))
  .executeTakeFirstOrThrow()
const lots = await engine.counter.db
  .selectFrom('lot')
  .select(({ fn }) => fn.countAll<number>().as('count'))
  .executeTakeFirstOrThrow()
process.send?.({ seconds, rssMb: process.resourceUsage().maxRSS / 1_024, members: members.count, lots: lots.count })
await terminal.close()
process.exit(0)
