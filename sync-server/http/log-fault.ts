/** What goes wrong in a call although no contract names it is logged; a refusal is an answer, and is not. */
import { ORPCError } from '@orpc/server'

type Log = { error(about: object, text: string): void }

export const logFault = (log: Log) => (error: unknown) => {
  if (!(error instanceof ORPCError && error.defined)) log.error({ err: error }, 'a call failed')
}
