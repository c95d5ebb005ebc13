import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useDesktop } from '#test/support/desktop.ts'

const desktop = useDesktop()

describe('the terminal’s key', () => {
  const folder = () => join(desktop.userData, 'terminal')
  const key = (name: string) => readFileSync(join(folder(), name))

  it('lies on the disk sealed by the system, and is the same next time', async () => {
    const { sealedKeyStore } = await import('./sealed-key-store.ts')
    const store = sealedKeyStore(join(folder(), 'terminal.key'))
    expect(await store.load()).toBeNull()
    await store.save(Buffer.from('the private key'))
    expect(readdirSync(folder())).toEqual(['terminal.key.sealed'])
    expect(key('terminal.key.sealed').includes('the private key')).toBe(false)
    expect(key('terminal.key.sealed').includes(Buffer.from('the private key').toString('base64'))).toBe(false)
    expect(await store.load()).toEqual(Buffer.from('the private key'))
  })

  it('is never taken for missing when the keyring is', async () => {
    const { sealedKeyStore } = await import('./sealed-key-store.ts')
    const store = sealedKeyStore(join(folder(), 'terminal.key'))
    await store.save(Buffer.from('the private key'))
    desktop.electron.stub.keyring = false
    await expect(store.load()).rejects.toThrow('keyring')
  })

  it('is in an owner-only file where the system has nothing better', async () => {
    desktop.electron.stub.keyringBackend = 'basic_text'
    desktop.electron.stub.keyring = process.platform === 'linux'
    const { sealedKeyStore } = await import('./sealed-key-store.ts')
    await sealedKeyStore(join(folder(), 'terminal.key')).save(Buffer.from('the private key'))
    expect(key('terminal.key')).toEqual(Buffer.from('the private key'))
  })
})
