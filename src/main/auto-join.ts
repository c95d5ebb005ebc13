/** Joins a shop without a screen, when the environment says which: how the demo and a shop's installer set counters up. */
import { z } from 'zod'
import type { Joining } from './terminal.ts'

const Invitation = z.object({
  COUNTERFOIL_SERVER: z.url(),
  COUNTERFOIL_CODE: z.string().min(4),
  COUNTERFOIL_COUNTER: z.string().min(1).max(40),
})

/** Where the environment says the shop's server is, for a counter that has joined it already. */
export const invitedTo = (environment: NodeJS.ProcessEnv): string | undefined =>
  Invitation.shape.COUNTERFOIL_SERVER.safeParse(environment['COUNTERFOIL_SERVER']).data

/** Does nothing when there is no invitation, or the counter has joined already. Throws when the server refuses. */
export async function joinIfInvited(terminal: Joining, environment: NodeJS.ProcessEnv): Promise<void> {
  const invitation = Invitation.safeParse(environment)
  if (!invitation.success || terminal.engine()) return
  const { COUNTERFOIL_SERVER: serverUrl, COUNTERFOIL_CODE: code, COUNTERFOIL_COUNTER: counter } = invitation.data
  const joined = await terminal.enrol({ serverUrl, code, counter })
  if (!joined.ok && joined.reason !== 'alreadyEnrolled')
    throw new Error(`the server did not take this counter: ${joined.reason}`)
}
