import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempDir } from '#test/support/temp.ts'
import { electronProgram, startElectron } from './desktop.ts'

/** A project folder in which Electron's program is the given shell script. */
function withElectron(script: string): string {
  const root = tempDir()
  const installed = join(root, 'node_modules', 'electron')
  mkdirSync(join(installed, 'dist'), { recursive: true })
  writeFileSync(join(installed, 'path.txt'), 'electron')
  writeFileSync(join(installed, 'dist', 'electron'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return root
}

describe('electronProgram', () => {
  it('is the fetched binary, where there is a desktop to show it on', () => {
    const root = withElectron('exit 0')
    expect(electronProgram(root, true)).toBe(join(root, 'node_modules', 'electron', 'dist', 'electron'))
    expect(electronProgram(root, false)).toBeNull()
  })

  it('is nothing where the binary has not been fetched', () => {
    const root = tempDir()
    expect(electronProgram(root, true)).toBeNull()
    mkdirSync(join(root, 'node_modules', 'electron'), { recursive: true })
    writeFileSync(join(root, 'node_modules', 'electron', 'path.txt'), 'electron')
    expect(electronProgram(root, true)).toBeNull()
  })
})

describe('startElectron', () => {
  const start = (script: string) => {
    const root = withElectron(script)
    const program = electronProgram(root, true) ?? ''
    return startElectron(program, root, join(root, 'data'), { COUNTERFOIL_COUNTER: 'Counter 1' })
  }

  it('starts the application on its own data and waits for its window', async () => {
    const child = await start(
      '[ "$2 $3" = "--demo --user-data-dir=$1/data" ] && echo "$COUNTERFOIL_COUNTER" && exec sleep 60',
    )
    expect(child?.exitCode).toBeNull()
    const ended = new Promise((resolve) => child?.once('exit', (_code, signal) => resolve(signal)))
    child?.kill('SIGTERM')
    expect(await ended).toBe('SIGTERM')
  })

  it('is null when it ends without a window, or is no program', async () => {
    expect(await start('exit 1')).toBeNull()
    const nothing = join(tempDir(), 'nothing')
    expect(await startElectron(nothing, tempDir(), tempDir(), {})).toBeNull()
  })
})
