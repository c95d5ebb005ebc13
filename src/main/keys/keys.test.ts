/** The terminal's key: made once, kept, and missed when it is gone. */
import { createPublicKey, verify } from 'node:crypto'
import { rmSync } from 'node:fs'
import { expect, it } from 'vitest'
import { tempDir } from '#test/support/temp.ts'
import { fileKeyStore } from './key-store.ts'
import { KeyMissingError, keptKey, keyToJoinWith } from './keys.ts'

it('is made once, and signs what its public key verifies', async () => {
  const store = fileKeyStore(`${tempDir()}/terminal.key`)
  const made = await keyToJoinWith(store)
  const kept = await keptKey(store)
  expect(kept.publicKey).toBe(made.publicKey)
  expect((await keyToJoinWith(store)).publicKey).toBe(made.publicKey)
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: made.publicKey }, format: 'jwk' })
  const bytes = Buffer.from('掃描領 4 點')
  expect(verify(null, bytes, publicKey, kept.sign(bytes))).toBe(true)
})

it('is not made anew for a counter that had one', async () => {
  const path = `${tempDir()}/terminal.key`
  const store = fileKeyStore(path)
  await keyToJoinWith(store)
  rmSync(path)
  await expect(keptKey(store)).rejects.toBeInstanceOf(KeyMissingError)
})
