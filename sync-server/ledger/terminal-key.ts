/** A terminal's public key, as it is kept: 32 raw bytes in base64url, which is how JWK writes them too. */
import { createPublicKey, type KeyObject } from 'node:crypto'

const keys = new Map<string, KeyObject>()

/** Null when it is no Ed25519 key. */
export function publicKeyOf(raw: string): KeyObject | null {
  const known = keys.get(raw)
  if (known) return known
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw }, format: 'jwk' })
    if (keys.size > 1_000) keys.clear()
    keys.set(raw, key)
    return key
  } catch {
    return null
  }
}
