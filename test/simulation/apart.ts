/** A run in a process of its own, as `npm run simulate` makes it: what it says can be had again from its seed alone. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const SCRIPT = new URL('main.ts', import.meta.url).pathname

/** The run's one line. Rejects with its whole report when it fails. */
export async function simulatedApart(seed: number, steps: number): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, `--seed=${seed}`, `--steps=${steps}`])
  return stdout.trim()
}
