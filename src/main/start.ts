/**
 * `npm start`: a whole shop on one machine. Builds the pages when they are stale, starts the sync server and the counters,
 * each a process of its own with its own data, and opens the first counter.
 */
import '#storage/require-node.ts'
import { parseArgs } from 'node:util'
import { builtPages } from './demo/build-pages.ts'
import { openCounter } from './demo/open-counter.ts'
import { startCounter, startServer, stopAll, type Child, type Running } from './demo/processes.ts'
import { welcome } from './demo/welcome.ts'

const { values } = parseArgs({
  options: { counters: { type: 'string', default: '1' }, 'no-open': { type: 'boolean', default: false } },
})

async function main(): Promise<void> {
  const count = Number(values.counters)
  if (!Number.isInteger(count) || count < 1 || count > 9) throw new Error('--counters takes a number from 1 to 9')
  await builtPages()
  const running: Running = { processes: [], stopping: false }
  const stop = async () => {
    if (running.stopping) return
    await stopAll(running)
    process.exit(0)
  }
  process.on('SIGINT', () => void stop())
  process.on('SIGTERM', () => void stop())
  try {
    const server = await startServer(running)
    const counters: Child[] = []
    for (let number = 1; number <= count; number += 1) counters.push(await startCounter(running, server, number))
    welcome(server, counters)
    const [first] = counters
    if (first?.url && !values['no-open']) openCounter(first.url)
  } catch (error) {
    // What a stop breaks off is no fault: it ends the program by itself.
    if (running.stopping) return
    await stopAll(running)
    throw error
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
