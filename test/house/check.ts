/**
 * Types and lint, which need the same program, and dead code, side by side; what each tool says comes when it is done.
 * `--and-test` runs the tests beside them, which are let by first.
 */
import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { text } from 'node:stream/consumers'

const tools = ['oxlint', 'knip']

async function passes(tool: string): Promise<boolean> {
  const child = spawn(tool, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
  const ended = new Promise((resolve) => child.once('close', resolve))
  const said = await Promise.all([text(child.stdout), text(child.stderr)])
  process.stdout.write(said.join(''))
  return (await ended) === 0
}

async function testsPass(): Promise<boolean> {
  const child = spawn('vitest run', { shell: true, stdio: 'inherit' })
  return (await new Promise((resolve) => child.once('close', resolve))) === 0
}

const tests = process.argv.includes('--and-test') ? [testsPass()] : []
const results = await Promise.all([...tools.map(passes), ...tests])
process.exitCode = results.every((passed) => passed) ? 0 : 1
