/**
 * Signing in: with LINE through its LIFF SDK, or in a dry run by a name. Either way the page ends up with a token that
 * the server can have vouched for; what the page itself knows of the member is never sent.
 */
import type { MemberApi } from './api.ts'

export type SignIn =
  | {
      by: 'line'
      /** Null until the member has agreed to sign in. */
      idToken(): string | null
      /** Leaves for LINE's own page and comes back here. */
      login(): void
    }
  | {
      by: 'demo'
      name: string | null
      idToken(): string | null
    }

/** What we use of LINE's LIFF SDK. */
type Liff = {
  init(config: { liffId: string }): Promise<void>
  isLoggedIn(): boolean
  isInClient(): boolean
  login(config: { redirectUri: string }): void
  logout(): void
  getIDToken(): string | null
}

declare global {
  interface Window {
    liff?: Liff
  }
}

/** LINE's own address for the SDK's second major version. Loaded only where a LIFF app is set up. */
const LIFF_SDK = 'https://static.line-scdn.net/liff/edge/2/sdk.js'

/** Loads LINE's SDK and lets it pick up a sign-in that is under way. Null when LINE cannot be reached. */
export async function lineSignIn(liffId: string): Promise<SignIn | null> {
  try {
    await loadScript(LIFF_SDK)
    const { liff } = window
    if (!liff) return null
    await liff.init({ liffId })
    return {
      by: 'line',
      idToken: () => (liff.isLoggedIn() ? liff.getIDToken() : null),
      login: () => {
        // A token lives an hour; LINE's app gives a new one to a page that opens anew.
        if (liff.isInClient()) return location.reload()
        if (liff.isLoggedIn()) liff.logout()
        liff.login({ redirectUri: location.href })
      },
    }
  } catch {
    return null
  }
}

function loadScript(source: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script')
    script.src = source
    script.onload = () => resolve()
    script.onerror = () => reject(new Error(`${source} did not load`))
    document.head.append(script)
  })
}

const DEMO_NAME = 'demo-name'

/** Whoever the demo sign-in was told last, on this phone. Null when the server cannot be reached. */
export async function demoSignIn(api: MemberApi): Promise<SignIn | null> {
  const name = localStorage.getItem(DEMO_NAME)
  return name === null ? { by: 'demo', name: null, idToken: () => null } : demoSignInAs(api, name)
}

export async function demoSignInAs(api: MemberApi, name: string): Promise<SignIn | null> {
  const answer = await api.demoSignIn(name)
  if (!answer.ok) return null
  localStorage.setItem(DEMO_NAME, name)
  return { by: 'demo', name, idToken: () => answer.value.idToken }
}

export function forgetDemoName(): SignIn {
  localStorage.removeItem(DEMO_NAME)
  return { by: 'demo', name: null, idToken: () => null }
}
