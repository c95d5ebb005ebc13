/** The members' pages: what a customer's phone may ask of the server. */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { Amount, BusinessDate } from '#core/ids.ts'
import { Money } from '#core/loyalty/programme.ts'

export const ClaimInfo = z.object({
  shop: z.string(),
  store: z.string(),
  points: Amount,
  stamps: Amount,
  amount: Amount,
  /** How the amount is written. */
  money: Money,
  receiptNumber: z.number().int(),
  businessDate: BusinessDate,
  expiresOn: BusinessDate,
  /** `unsynced`: the shop's counter has not sent this sale yet; `restoring`: the server is catching up. Nothing is lost. */
  state: z.enum(['open', 'claimed', 'claimedByYou', 'expired', 'voided', 'unsynced', 'restoring']),
})
export type ClaimInfo = z.infer<typeof ClaimInfo>

const base = oc.errors({
  /** Not one of this shop's, damaged, or forged. */
  BAD_CLAIM: { status: 422, data: z.object({ reason: z.enum(['damaged', 'forged', 'unknownTerminal', 'newer']) }) },
  /** LINE did not vouch for who is asking. */
  NOT_SIGNED_IN: { status: 401, data: z.object({ reason: z.enum(['invalidToken', 'lineUnreachable']) }) },
  TOO_MANY: { status: 429 },
})

export const memberContract = {
  /** What the page needs to sign a member in: LINE's LIFF id, or the demo sign-in of a dry run. */
  signIn: base.output(z.object({ shop: z.string(), liffId: z.string().nullable(), demo: z.boolean() })),
  /** A dry run's stand-in for LINE's ID token; refused wherever LINE Login is set up. */
  demoSignIn: base
    .input(z.object({ name: z.string().trim().min(1).max(60) }))
    .output(z.object({ idToken: z.string() })),
  claim: {
    info: base
      .input(z.object({ token: z.string().max(1024), idToken: z.string().max(8192).nullable() }))
      .output(ClaimInfo),
    take: base
      .input(z.object({ token: z.string().max(1024), idToken: z.string().max(8192) }))
      /** The claim as it stands now, and all the points the member has. */
      .output(z.object({ claim: ClaimInfo, points: Amount })),
  },
}
export const MEMBER_PREFIX = '/member/rpc'
