/** Signing in by LINE, or by the demo's stand-in: one or the other, never both. */
import { demoSignIn, type DemoSignIn } from './demo-sign-in.ts'
import { lineIdTokens, type IdTokens } from './id-token.ts'
import { LINE_TIMEOUT_MS, type LineSettings } from './settings.ts'

export type SignInBy = { by: 'line'; liffId: string; tokens: IdTokens } | { by: 'demo'; demo: DemoSignIn }

export function signInBy({ login, baseUrl }: LineSettings): SignInBy {
  if (!login) return { by: 'demo', demo: demoSignIn() }
  return {
    by: 'line',
    liffId: login.liffId,
    tokens: lineIdTokens({ baseUrl, channelId: login.channelId, timeoutMs: LINE_TIMEOUT_MS }),
  }
}
