/** The member API, on the ledger. */
import { implement } from '@orpc/server'
import { memberContract } from '#core/contract/member.ts'
import type { MemberId } from '#core/ids.ts'
import type { Db } from '#server/ledger/database.ts'
import { firstStore, type Shop } from '#server/ledger/shop.ts'
import { NoShopError, type Ledger } from '#server/ledger/unit-of-work.ts'
import type { SignInBy } from '#server/line/sign-in.ts'
import { claimInfo, pointsOf, takeClaim, type Printed } from '#server/claims/claim.ts'
import { readClaim } from '#server/claims/token.ts'
import { memberOfLineUser } from './line-member.ts'
import type { RateLimit } from '#server/http/rate-limit.ts'

export type MemberDeps = { db: Db; ledger: Ledger; clock: () => number; signIn: SignInBy; limit: RateLimit }

export function memberRouter({ db, ledger, clock, signIn, limit }: MemberDeps) {
  const os = implement(memberContract).$context<{ caller: string }>()
  const limited = os.use(({ context, errors, next }) => {
    if (!limit.allows(context.caller)) throw errors.TOO_MANY()
    return next()
  })
  const tokens = signIn.by === 'line' ? signIn.tokens : signIn.demo

  const shopNow = async (): Promise<Shop> => {
    const shop = await ledger.readShop(db)
    if (!shop) throw new NoShopError('no shop has been set up in this database')
    return shop
  }

  const info = async (printed: Printed, you: MemberId | null) => claimInfo(db, await shopNow(), clock(), printed, you)

  return os.router({
    signIn: os.signIn.handler(async () => ({
      shop: firstStore(await shopNow())?.shop ?? '',
      liffId: signIn.by === 'line' ? signIn.liffId : null,
      demo: signIn.by === 'demo',
    })),

    demoSignIn: limited.demoSignIn.handler(({ input, errors }) => {
      if (signIn.by !== 'demo') throw errors.NOT_SIGNED_IN({ data: { reason: 'invalidToken' } })
      return { idToken: signIn.demo.tokenFor(input.name) }
    }),

    claim: {
      info: limited.claim.info.handler(async ({ input, errors }) => {
        const read = await readClaim(db, input.token)
        if ('bad' in read) throw errors.BAD_CLAIM({ data: { reason: read.bad } })
        const who = input.idToken === null ? null : await tokens.verify(input.idToken)
        if (who && 'refused' in who) throw errors.NOT_SIGNED_IN({ data: { reason: who.refused } })
        const you = who && (await memberOfLineUser(db, who.lineUser))
        return info({ claim: read.claim, store: read.terminal.store }, you)
      }),

      take: limited.claim.take.handler(async ({ input, errors }) => {
        const read = await readClaim(db, input.token)
        if ('bad' in read) throw errors.BAD_CLAIM({ data: { reason: read.bad } })
        const who = await tokens.verify(input.idToken)
        if ('refused' in who) throw errors.NOT_SIGNED_IN({ data: { reason: who.refused } })
        const printed = { claim: read.claim, store: read.terminal.store }
        await takeClaim(ledger, printed, who)
        const you = await memberOfLineUser(db, who.lineUser)
        return { claim: await info(printed, you), points: await pointsOf(db, you) }
      }),
    },
  })
}
