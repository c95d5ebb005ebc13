/** A folder of its own for a test, gone when the test is. */
import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Makes an empty temporary folder; it is removed when the current test has finished. */
export function tempDir(): string {
  const dir = makeTempDir()
  onTestFinished(() => removeDir(dir))
  return dir
}

/** The same outside a test (in `beforeAll`, say): the caller removes it with {@link removeDir}. */
export function makeTempDir(within = tempRoot()): string {
  return mkdtempSync(join(within, 'counterfoil-'))
}

export function removeDir(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 })
}

const ROOMY = 2 * 1024 ** 3

/**
 * Where tests keep their data: in memory where Linux has plenty of it, for most of many a test would be waiting for the disk.
 * Programs are better off in `tmpdir()`, for that memory may be closed to them.
 */
export function tempRoot(): string {
  const memory = '/dev/shm'
  if (!existsSync(memory)) return tmpdir()
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize > ROOMY && freemem() > 2 * ROOMY ? memory : tmpdir()
}
