/** The terminal's Ed25519 key: signs requests to the server, and the claims it prints. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { KeyStore } from './key-store.ts'

export type TerminalKey = {
  sign(bytes: Uint8Array): Uint8Array
  /** Raw 32 bytes, base64url. */
  publicKey: string
}

/** Thrown when a counter that has joined has no key any more: a new one would sign what nobody can verify. */
export class KeyMissingError extends Error {
  readonly code = 'keyMissing'
}

/** The key a joined counter has. Throws KeyMissingError when it is gone. */
export async function keptKey(store: KeyStore): Promise<TerminalKey> {
  const stored = await store.load()
  if (!stored) throw new KeyMissingError("this counter's key is missing")
  return keyOf(createPrivateKey({ key: stored, format: 'der', type: 'pkcs8' }))
}

/** The stored key, or a new one, stored before it is used: for a counter that is about to join. */
export async function keyToJoinWith(store: KeyStore): Promise<TerminalKey> {
  if (await store.load()) return keptKey(store)
  const { privateKey } = generateKeyPairSync('ed25519')
  await store.save(privateKey.export({ format: 'der', type: 'pkcs8' }))
  return keyOf(privateKey)
}

function keyOf(privateKey: KeyObject): TerminalKey {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  if (!x) throw new Error('the terminal key is not an Ed25519 key')
  return { publicKey: x, sign: (bytes) => sign(null, bytes, privateKey) }
}
