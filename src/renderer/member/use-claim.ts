/** What the page knows of one claim, and the three things that can be done about it: look again, sign in, take it. */
import { useCallback, useEffect, useRef, useState } from 'react'
import type { ClaimInfo } from '#core/contract/member.ts'
import type { Answer, BadClaim, MemberApi, Problem } from './api.ts'
import { demoSignIn, demoSignInAs, forgetDemoName, lineSignIn, type SignIn } from './sign-in.ts'

export type ClaimView =
  | { at: 'loading' }
  | { at: 'bad'; reason: BadClaim }
  | { at: 'unreachable'; problem: Problem }
  | {
      at: 'claim'
      info: ClaimInfo
      /** All the member's points, once they are known. */ balance: number | null
      justClaimed: boolean
    }

export type ClaimPage = {
  view: ClaimView
  shop: string
  signIn: SignIn | null
  busy: boolean
  problem: Problem | null
  /** Asks the server again how it stands. */
  look(): void
  /** Takes the claim, or first leaves for LINE to sign in. */
  take(): void
  /** The demo's sign-in, and taking the claim under that name. */
  takeAs(name: string): void
  leaveDemo(): void
}

/** Set while the member is away at LINE's sign-in, so that coming back takes the claim without a second tap. */
const TAKING = 'taking'

export function useClaim(api: MemberApi, token: string): ClaimPage {
  const [view, setView] = useState<ClaimView>({ at: 'loading' })
  const [shop, setShop] = useState('')
  const [signIn, setSignIn] = useState<SignIn | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  /** One thing at a time: a second tap while the first is on its way does nothing. */
  const working = useRef(false)

  const alone = useCallback(async (work: () => Promise<void>) => {
    if (working.current) return
    working.current = true
    setBusy(true)
    setProblem(null)
    try {
      await work()
    } finally {
      working.current = false
      setBusy(false)
    }
  }, [])

  const show = useCallback((answer: Answer<ClaimInfo>) => {
    if (answer.ok) {
      setShop(answer.value.shop)
      setView({ at: 'claim', info: answer.value, balance: null, justClaimed: false })
    } else if ('bad' in answer) setView({ at: 'bad', reason: answer.bad })
    else setView({ at: 'unreachable', problem: answer.problem })
    return answer.ok ? answer.value : null
  }, [])

  const takeWith = useCallback(
    async (idToken: string) => {
      const answer = await api.takeClaim(token, idToken)
      if (answer.ok) {
        const { claim, points } = answer.value
        setView((before) => ({
          at: 'claim',
          info: claim,
          balance: claim.state === 'claimedByYou' ? points : null,
          justClaimed:
            claim.state === 'claimedByYou' && !(before.at === 'claim' && before.info.state === 'claimedByYou'),
        }))
      } else if ('bad' in answer) setView({ at: 'bad', reason: answer.bad })
      else setProblem(answer.problem)
    },
    [api, token],
  )

  const open = useCallback(
    () =>
      alone(async () => {
        const [ways, answer] = await Promise.all([api.signIn(), api.claimInfo(token, null)])
        if (ways.ok) setShop(ways.value.shop)
        const info = show(answer)
        if (!ways.ok || !info) return
        const found = ways.value.liffId ? await lineSignIn(ways.value.liffId) : await demoSignIn(api)
        setSignIn(found)
        const idToken = found?.idToken()
        if (!idToken) return
        const cameBack = sessionStorage.getItem(TAKING) === token
        sessionStorage.removeItem(TAKING)
        if (cameBack && info.state === 'open') await takeWith(idToken)
        else if (info.state === 'claimed')
          show(await api.claimInfo(token, idToken).then((own) => (own.ok ? own : answer)))
      }),
    [alone, api, show, takeWith, token],
  )

  useEffect(() => {
    void open()
  }, [open])

  useEffect(() => {
    const again = () => {
      if (view.at === 'unreachable') void open()
    }
    window.addEventListener('online', again)
    return () => window.removeEventListener('online', again)
  }, [open, view.at])

  const take = useCallback(() => {
    if (signIn?.by === 'line' && (signIn.idToken() === null || problem === 'invalidToken')) {
      sessionStorage.setItem(TAKING, token)
      signIn.login()
      return
    }
    void alone(async () => {
      const idToken = signIn?.idToken()
      if (idToken) await takeWith(idToken)
      else setProblem('lineUnreachable')
    })
  }, [alone, problem, signIn, takeWith, token])

  const takeAs = useCallback(
    (name: string) =>
      void alone(async () => {
        const found = await demoSignInAs(api, name)
        const idToken = found?.idToken()
        if (!found || !idToken) return setProblem('offline')
        setSignIn(found)
        await takeWith(idToken)
      }),
    [alone, api, takeWith],
  )

  return {
    view,
    shop,
    signIn,
    busy,
    problem,
    look: useCallback(() => void open(), [open]),
    take,
    takeAs,
    leaveDemo: useCallback(() => setSignIn(forgetDemoName()), []),
  }
}
