/** A folder of its own for a test, gone when the test is. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Makes an empty temporary folder; it is removed when the current test has finished. */
export function tempDir(): string {
  const dir = makeTempDir()
  onTestFinished(() => removeDir(dir))
  return dir
}

/** The same outside a test (in `beforeAll`, say): the caller removes it with {@link removeDir}. */
export function makeTempDir(within = tmpdir()): string {
  return mkdtempSync(join(within, 'counterfoil-'))
}

export function removeDir(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
}
