/** The server, as the page talks to it. What goes wrong comes back as a plain word for the page to show. */
import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import type { ClaimInfo, MEMBER_PREFIX, memberContract } from '#core/contract/member.ts'

export type SignInWays = { shop: string; liffId: string | null; demo: boolean }
const BAD = ['damaged', 'forged', 'unknownTerminal', 'newer'] as const
export type BadClaim = (typeof BAD)[number]
export type Problem = 'invalidToken' | 'lineUnreachable' | 'tooMany' | 'offline'
export type Answer<T> = { ok: true; value: T } | { ok: false; problem: Problem } | { ok: false; bad: BadClaim }

export type MemberApi = {
  signIn(): Promise<Answer<SignInWays>>
  demoSignIn(name: string): Promise<Answer<{ idToken: string }>>
  claimInfo(token: string, idToken: string | null): Promise<Answer<ClaimInfo>>
  takeClaim(token: string, idToken: string): Promise<Answer<{ claim: ClaimInfo; points: number }>>
}

/** `MEMBER_PREFIX` of the contract, whose schemas would be half of this page's weight. */
const PREFIX: typeof MEMBER_PREFIX = '/member/rpc'
const PATIENCE_MS = 15_000

export function memberApi(origin: string): MemberApi {
  const client: ContractRouterClient<typeof memberContract> = createORPCClient(
    new RPCLink({ url: `${origin}${PREFIX}` }),
  )
  const patience = () => ({ signal: AbortSignal.timeout(PATIENCE_MS) })
  return {
    signIn: () => answerOf(client.signIn(undefined, patience())),
    demoSignIn: (name) => answerOf(client.demoSignIn({ name }, patience())),
    claimInfo: (token, idToken) => answerOf(client.claim.info({ token, idToken }, patience())),
    takeClaim: (token, idToken) => answerOf(client.claim.take({ token, idToken }, patience())),
  }
}

async function answerOf<T>(asked: Promise<T>): Promise<Answer<T>> {
  try {
    return { ok: true, value: await asked }
  } catch (error) {
    return { ok: false, ...refusalIn(error) }
  }
}

function refusalIn(error: unknown): { problem: Problem } | { bad: BadClaim } {
  if (!(error instanceof ORPCError)) return { problem: 'offline' }
  const reason = reasonIn(error.data)
  if (error.code === 'BAD_CLAIM') return { bad: BAD.find((one) => one === reason) ?? 'damaged' }
  if (error.code === 'NOT_SIGNED_IN') return { problem: reason === 'lineUnreachable' ? reason : 'invalidToken' }
  if (error.code === 'TOO_MANY') return { problem: 'tooMany' }
  // What the server's schema turns away cannot have been printed by a shop.
  return error.code === 'BAD_REQUEST' ? { bad: 'damaged' } : { problem: 'offline' }
}

function reasonIn(data: unknown): unknown {
  return typeof data === 'object' && data !== null && 'reason' in data ? data.reason : null
}
