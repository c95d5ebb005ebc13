/** Which errors are worth a line in the log. */
import { ORPCError } from '@orpc/server'

/** False of what someone was told as an answer: a refusal, or that the request was no good. Those may quote what was asked. */
export const isFault = (error: unknown): boolean =>
  !(error instanceof ORPCError && (error.defined || error.status < 500))
