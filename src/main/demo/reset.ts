/** `npm run demo:reset`: the demo shop starts over, with none of what was done in it. */
import '#storage/require-node.ts'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { lockFolder } from '#storage/instance-lock.ts'
import { DATA } from './processes.ts'

/** Throws AlreadyRunningError, and removes nothing, while a counter of the demo is running. */
function reset(): void {
  const counters = existsSync(DATA) ? readdirSync(DATA).filter((name) => name.startsWith('counter-')) : []
  for (const unlock of counters.map((name) => lockFolder(join(DATA, name)))) unlock()
  rmSync(DATA, { recursive: true, force: true })
  console.log(`The demo shop's data is gone (${DATA}). The next start makes it anew.`)
}

try {
  reset()
} catch (error) {
  console.error(`Nothing was removed: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}
