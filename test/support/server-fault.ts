/** What a counter is answered where the server itself fails. */
import { createHash } from 'node:crypto'
import { ORPCError } from '@orpc/client'
import { ANSWER_DIGEST } from '#core/contract/request-signature.ts'

export const SERVER_FAULT = { code: 'INTERNAL_SERVER_ERROR' }

export function serverFault(): Response {
  const body = JSON.stringify({ json: new ORPCError(SERVER_FAULT.code) })
  const digest = createHash('sha256').update(body).digest('hex')
  return new Response(body, { status: 500, headers: { [ANSWER_DIGEST]: digest } })
}
