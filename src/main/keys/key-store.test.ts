import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempDir } from '#test/support/temp.ts'
import { fileKeyStore } from './key-store.ts'

describe('fileKeyStore', () => {
  it('has nothing until something is saved, and then exactly that', async () => {
    const dir = tempDir()
    const path = join(dir, 'keys', 'terminal.key')
    expect(await fileKeyStore(path).load()).toBeNull()
    await fileKeyStore(path).save(Buffer.from([1, 2, 3]))
    await fileKeyStore(path).save(Buffer.from([4, 0, 255]))
    expect(await fileKeyStore(path).load()).toEqual(Buffer.from([4, 0, 255]))
    expect(readdirSync(join(dir, 'keys'))).toEqual(['terminal.key'])
  })

  it('lets nobody else read it', async () => {
    const path = join(tempDir(), 'terminal.key')
    await fileKeyStore(path).save(Buffer.from('secret'))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    chmodSync(path, 0o644)
    await fileKeyStore(path).load()
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('does not take a broken store for an empty one', async () => {
    const dir = tempDir()
    writeFileSync(join(dir, 'file'), '')
    await expect(fileKeyStore(join(dir, 'file', 'terminal.key')).load()).rejects.toMatchObject({ code: 'ENOTDIR' })
  })
})
