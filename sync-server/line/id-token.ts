/** Who is asking: LINE's own word on an ID token. What a page says of itself is never believed. */
import { z } from 'zod'

export type SignedIn = { lineUser: string; name: string }
export type NotSignedIn = { refused: 'invalidToken' | 'lineUnreachable' }

/** Vouches for the bearer of a token, or says why it does not. */
export type IdTokens = { verify(token: string): Promise<SignedIn | NotSignedIn> }

/** LINE adds fields without notice; these are the ones we stand on. */
const Verified = z.object({
  iss: z.literal('https://access.line.me'),
  sub: z.string().regex(/^U[0-9a-f]{32}$/),
  aud: z.string(),
  name: z.string().default(''),
})

/** Verifies ID tokens at LINE (`POST /oauth2/v2.1/verify`), for the shop's LINE Login channel alone. */
export function lineIdTokens(options: { baseUrl: string; channelId: string; timeoutMs: number }): IdTokens {
  const endpoint = new URL('/oauth2/v2.1/verify', options.baseUrl)
  return {
    verify: async (token) => {
      const answer = await ask(endpoint, token, options)
      if (answer === null || answer.status === 429 || answer.status >= 500) return { refused: 'lineUnreachable' }
      const verified = Verified.safeParse(answer.json)
      if (answer.status !== 200 || !verified.success) return { refused: 'invalidToken' }
      const { sub, aud, name } = verified.data
      return aud === options.channelId ? { lineUser: sub, name } : { refused: 'invalidToken' }
    },
  }
}

async function ask(
  endpoint: URL,
  token: string,
  { channelId, timeoutMs }: { channelId: string; timeoutMs: number },
): Promise<{ status: number; json: unknown } | null> {
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      body: new URLSearchParams({ id_token: token, client_id: channelId }),
      signal: AbortSignal.timeout(timeoutMs),
    })
    return { status: response.status, json: await response.json().catch(() => null) }
  } catch {
    return null
  }
}
