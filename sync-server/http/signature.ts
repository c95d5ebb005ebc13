/** Who is asking: the terminal's Ed25519 signature over method, path, time and the raw bytes of the body. */
import { createHash, verify } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { CLOCK_TOLERANCE_MS, SIGNATURE_HEADERS, signedText } from '#core/contract/request-signature.ts'
import type { TerminalTable } from '#storage/server-tables.ts'
import type { Db } from '#server/ledger/database.ts'
import { publicKeyOf } from '#server/ledger/terminal-key.ts'

export type Asked = { method: string; path: string; headers: IncomingHttpHeaders; body: Buffer }
export type Signed =
  | { ok: true; terminal: TerminalTable }
  | { ok: false; reason: 'unknownTerminal' | 'badSignature' | 'clock' }

/** Checks a request before anything of its body is read. */
export async function whoAsks(db: Db, request: Asked, now: number): Promise<Signed> {
  const header = (name: string): string => {
    const value = request.headers[name]
    return typeof value === 'string' ? value : ''
  }
  const id = header(SIGNATURE_HEADERS.terminal)
  const terminal = /^[0-9A-Z]{6}$/.test(id)
    ? await db.selectFrom('terminal').selectAll().where('id', '=', id).executeTakeFirst()
    : undefined
  const key = terminal && publicKeyOf(terminal.public_key)
  if (!terminal || !key) return { ok: false, reason: 'unknownTerminal' }
  const time = Number(header(SIGNATURE_HEADERS.time))
  const bodySha256 = createHash('sha256').update(request.body).digest('hex')
  const text = signedText({ method: request.method, path: request.path, time, bodySha256 })
  const signature = Buffer.from(header(SIGNATURE_HEADERS.signature), 'base64url')
  if (!verify(null, Buffer.from(text), key, signature)) return { ok: false, reason: 'badSignature' }
  if (!(Math.abs(time - now) <= CLOCK_TOLERANCE_MS)) return { ok: false, reason: 'clock' }
  return { ok: true, terminal }
}
