/** Reading a printed claim: only what one of this shop's counters has signed is believed. */
import { createPublicKey, verify } from 'node:crypto'
import { decodeClaim, type Claim } from '#core/claim/token.ts'
import type { TerminalTable } from '#storage/server-tables.ts'
import type { Db } from '#server/ledger/database.ts'

export type BadClaim = 'damaged' | 'forged' | 'unknownTerminal' | 'newer'
export type ReadClaim = { claim: Claim; terminal: TerminalTable } | { bad: BadClaim }

/** The signed claim and the counter that printed it, or what is wrong with the token. */
export async function readClaim(db: Db, token: string): Promise<ReadClaim> {
  const decoded = decodeClaim(token)
  if ('error' in decoded) return { bad: decoded.error === 'version' ? 'newer' : 'damaged' }
  const { claim, signedBytes, signature } = decoded
  const terminal = await db.selectFrom('terminal').selectAll().where('id', '=', claim.terminal).executeTakeFirst()
  if (!terminal) return { bad: 'unknownTerminal' }
  return verify(null, signedBytes, publicKey(terminal.public_key), signature) ? { claim, terminal } : { bad: 'forged' }
}

/** An Ed25519 key from its 32 raw bytes in base64url, which is how JWK writes them too. */
const publicKey = (raw: string) => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw }, format: 'jwk' })
