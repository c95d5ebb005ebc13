/** Reading a printed claim: only what one of this shop's counters has signed is believed. */
import { verify } from 'node:crypto'
import { decodeClaim, type Claim } from '#core/claim/token.ts'
import type { TerminalTable } from '#storage/server-tables.ts'
import type { Db } from '#server/ledger/database.ts'
import { publicKeyOf } from '#server/ledger/terminal-key.ts'

export type BadClaim = 'damaged' | 'forged' | 'unknownTerminal' | 'newer'
export type ReadClaim = { claim: Claim; terminal: TerminalTable } | { bad: BadClaim }

/** The signed claim and the counter that printed it, or what is wrong with the token. */
export async function readClaim(db: Db, token: string): Promise<ReadClaim> {
  const decoded = decodeClaim(token)
  if ('error' in decoded) return { bad: decoded.error === 'version' ? 'newer' : 'damaged' }
  const { claim, signedBytes, signature } = decoded
  const terminal = await db.selectFrom('terminal').selectAll().where('id', '=', claim.terminal).executeTakeFirst()
  if (!terminal) return { bad: 'unknownTerminal' }
  const key = publicKeyOf(terminal.public_key)
  return key && verify(null, signedBytes, key, signature) ? { claim, terminal } : { bad: 'forged' }
}
