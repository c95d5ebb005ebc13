/** Runs in a process of their own, as `npm run simulate` makes them: what it says can be had again by the same command. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { builtProgram } from '#test/support/shared.ts'

const SCRIPT = await builtProgram('simulate')

/** A line for each run. Rejects with the report of the first that fails; to make it shorter would outlast a test's patience. */
export async function simulatedApart(seed: number, steps: number, runs = 1): Promise<string[]> {
  const args = [SCRIPT, `--seed=${seed}`, `--steps=${steps}`, `--runs=${runs}`, '--tries=0']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return stdout.trim().split('\n')
}
