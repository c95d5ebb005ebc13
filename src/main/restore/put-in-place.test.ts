import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempDir } from '#test/support/temp.ts'
import { finishRestore, freshDraft, mendRestore, putInPlace } from './put-in-place.ts'
import { startFaultOf } from '#main/start-fault.ts'

const NOW = Date.parse('2026-03-10T03:00:00Z')
const ASIDE = 'aside-2026-03-10T03-00-00Z'
const PRESENT = ['counter.db', 'counter.db-wal', 'counter.db-shm']

/** A folder with a counter's file in it, which a draft is about to take the place of. */
function folder(): string {
  const dataDir = tempDir()
  for (const name of PRESENT) writeFileSync(join(dataDir, name), `old ${name}`)
  writeFileSync(freshDraft(dataDir), 'restored')
  return dataDir
}

/** The restored file is in place and has nothing of another's beside it; the old one is whole, in one place. */
function expectDone(dataDir: string): void {
  expect(readdirSync(dataDir).toSorted()).toEqual([ASIDE, 'counter.db'])
  expect(readFileSync(join(dataDir, 'counter.db'), 'utf8')).toBe('restored')
  const kept = PRESENT.map((name) => readFileSync(join(dataDir, ASIDE, name), 'utf8'))
  expect(kept).toEqual(PRESENT.map((name) => `old ${name}`))
}

describe('putting a restored file in place', () => {
  it('keeps the file that was there, with all that belongs to it', () => {
    const dataDir = folder()
    expect(putInPlace(dataDir, NOW)).toBe(join(dataDir, ASIDE))
    expectDone(dataDir)
  })

  it.each([0, 1, 2, 3])('is finished by the next start when power fails after %i files went aside', (moved) => {
    const dataDir = folder()
    renameSync(join(dataDir, 'restoring.db'), join(dataDir, 'restored-2026-03-10T03-00-00Z.db'))
    if (moved > 0) mkdirSync(join(dataDir, ASIDE))
    for (const name of PRESENT.slice(0, moved)) renameSync(join(dataDir, name), join(dataDir, ASIDE, name))
    mendRestore(dataDir)
    expectDone(dataDir)
    expect(finishRestore(dataDir)).toBeNull()
  })

  it('keeps each file that it puts aside, by whatever clock', () => {
    const dataDir = folder()
    const aside = [1, 2, 3].map((n) => {
      writeFileSync(freshDraft(dataDir), `restored ${n}`)
      return putInPlace(dataDir, NOW)
    })
    const kept = aside.map((path) => readFileSync(join(path ?? '', 'counter.db'), 'utf8'))
    expect(kept).toEqual(['old counter.db', 'restored 1', 'restored 2'])
  })

  it('puts nothing aside where nothing was', () => {
    const dataDir = tempDir()
    writeFileSync(freshDraft(dataDir), 'restored')
    expect(putInPlace(dataDir, NOW)).toBeNull()
    expect(readdirSync(dataDir)).toEqual(['counter.db'])
  })
})

describe('a start after a restore that was cut short before its file was whole', () => {
  it('goes on with the file that is there', () => {
    const dataDir = folder()
    mendRestore(dataDir)
    expect(readFileSync(join(dataDir, 'counter.db'), 'utf8')).toBe('old counter.db')
  })

  it('is no start of a new counter where there is none', () => {
    const dataDir = tempDir()
    writeFileSync(freshDraft(dataDir), 'half')
    let fault: unknown
    try {
      mendRestore(dataDir)
    } catch (error) {
      fault = error
    }
    expect(startFaultOf(fault)).toContain('Do it again: npm run restore')
    expect(readdirSync(dataDir)).toEqual(['restoring.db'])
  })
})
