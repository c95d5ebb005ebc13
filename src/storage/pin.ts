/** PINs as scrypt hashes, `scrypt$N$r$p$salt$hash` with salt and hash in base64url. Shared by server (sets) and counter (checks). */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** About 30 ms on a shop's computer: a signed-in cashier does not notice, a guesser of six digits does. */
const COST = { N: 16_384, r: 8, p: 1 }
const LENGTH = 32

export async function hashPin(pin: string): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(pin, salt, COST)
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

/** False for a wrong PIN and for a hash that does not read. */
export async function verifyPin(pin: string, stored: string): Promise<boolean> {
  const [scheme, n, r, p, salt, hash] = stored.split('$')
  if (scheme !== 'scrypt' || !n || !r || !p || !salt || !hash) return false
  const expected = Buffer.from(hash, 'base64url')
  const cost = { N: Number(n), r: Number(r), p: Number(p) }
  const actual = await derive(pin, Buffer.from(salt, 'base64url'), cost).catch(() => null)
  return actual !== null && actual.length === expected.length && timingSafeEqual(actual, expected)
}

function derive(pin: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(pin, salt, LENGTH, cost, (error, key) => (error ? reject(error) : resolve(key)))
  })
}
