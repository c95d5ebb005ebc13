/** Types and lint, which need the same program, and dead code, side by side; what each tool says comes when it is done. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

async function passes(tool: string): Promise<boolean> {
  const child = spawn(tool, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const said = await Promise.all([text(child.stdout), text(child.stderr)])
  process.stdout.write(said.join(''))
  return (await ended) === 0
}

const results = await Promise.all(['oxlint', 'knip'].map(passes))
process.exitCode = results.every((passed) => passed) ? 0 : 1
