/**
 * The dry run's stand-in for signing in with LINE: anyone may be anyone, by name. It exists only where no LINE Login
 * channel is set up; its users are told apart from LINE's by their id, and LINE's verifier knows none of its tokens.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IdTokens } from './id-token.ts'

export type DemoSignIn = IdTokens & { tokenFor(name: string): string }

/** Tokens are `demo:<name>:<mac>`, under a secret that lives as long as the process. */
export function demoSignIn(): DemoSignIn {
  const secret = randomBytes(32)
  const macOf = (name: string) => createHmac('sha256', secret).update(name).digest()
  return {
    tokenFor: (name) => `demo:${Buffer.from(name).toString('base64url')}:${macOf(name).toString('base64url')}`,
    verify: async (token) => {
      const [kind, encoded = '', mac = ''] = token.split(':')
      const name = Buffer.from(encoded, 'base64url').toString()
      const given = Buffer.from(mac, 'base64url')
      const right = macOf(name)
      if (kind !== 'demo' || given.length !== right.length || !timingSafeEqual(given, right)) {
        return { refused: 'invalidToken' }
      }
      return { lineUser: `demo:${createHash('sha256').update(name).digest('hex').slice(0, 32)}`, name }
    },
  }
}
