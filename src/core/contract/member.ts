/** The members' pages: what a customer's phone may ask of the server. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { Amount, BusinessDate } from '../ids.ts'

export const ClaimInfo = z.object({
  shop: z.string(),
  store: z.string(),
  points: Amount,
  stamps: Amount,
  amount: Amount,
  businessDate: BusinessDate,
  expiresOn: BusinessDate,
  /** `unsynced`: the shop's counter has not sent this sale yet; nothing is lost. */
  state: z.enum(['open', 'claimed', 'claimedByYou', 'expired', 'voided', 'unsynced']),
})
export type ClaimInfo = z.infer<typeof ClaimInfo>

const base = oc.errors({
  /** Not one of this shop's, damaged, or forged. */
  BAD_CLAIM: { data: z.object({ reason: z.enum(['damaged', 'forged', 'unknownTerminal', 'newer']) }) },
  /** LINE did not vouch for who is asking. */
  NOT_SIGNED_IN: { data: z.object({ reason: z.enum(['invalidToken', 'lineUnreachable']) }) },
  TOO_MANY: {},
})

export const memberContract = {
  /** What the page needs to sign a member in: LINE's LIFF id, or the demo sign-in of a dry run. */
  signIn: base.output(z.object({ shop: z.string(), liffId: z.string().nullable(), demo: z.boolean() })),
  claim: {
    info: base.input(z.object({ token: z.string().max(1024), idToken: z.string().max(8192).nullable() })).output(ClaimInfo),
    take: base
      .input(z.object({ token: z.string().max(1024), idToken: z.string().max(8192), name: z.string().max(60) }))
      .output(z.object({ claim: ClaimInfo, points: Amount })),
  },
}
export const MEMBER_PREFIX = '/member/rpc'
