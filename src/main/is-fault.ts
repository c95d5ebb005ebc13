/** Which errors are worth a line in the log. */
import { ORPCError } from '@orpc/server'

/**
 * False of what someone was told as an answer: a refusal, or that the request was no good. Those may quote what was
 * asked. False, too, of a server that is out of reach: a counter is made for that, and its screen says so.
 */
export const isFault = (error: unknown): boolean =>
  !(error instanceof ORPCError && (error.defined || error.status < 500)) && !isOutOfReach(error)

/** As `fetch` says it: no connection, one that broke off, or no answer in time. */
function isOutOfReach(error: unknown): boolean {
  if (error instanceof DOMException) return error.name === 'TimeoutError' || error.name === 'AbortError'
  return error instanceof TypeError && (error.message === 'fetch failed' || error.message === 'terminated')
}
