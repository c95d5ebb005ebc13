/** The sync API over HTTP, each request signed with the terminal's key. */
import { createHash } from 'node:crypto'
import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import { ResponseValidationPlugin } from '@orpc/contract/plugins'
import { z } from 'zod'
import { ANSWER_DIGEST, signedText, SIGNATURE_HEADERS } from '#core/contract/request-signature.ts'
import { PUSH_TYPE } from '#core/contract/push.ts'
import { SYNC_PREFIX, syncContract } from '#core/contract/sync.ts'
import type { TerminalId } from '#core/ids.ts'

export type SyncClient = ContractRouterClient<typeof syncContract>

export type Credentials = {
  terminal: TerminalId
  /** Ed25519 over these bytes. */
  sign(bytes: Uint8Array): Uint8Array
}

/** Whether the server has answered, though with an error; else the line is broken. */
export const isAnswer = (error: unknown): boolean => error instanceof ORPCError

/** A call that takes longer than this is taken for a dead network; an acquire gives up sooner. */
const CALL_TIMEOUT_MS = 20_000

/** Only `enrol` works without credentials. */
export function syncClient(
  serverUrl: string,
  credentials: Credentials | null,
  now: () => number,
  heard: Heard = null,
): SyncClient {
  const link = new RPCLink({
    // Both sides parse: what the server says is believed no more than what it hears.
    plugins: [new ResponseValidationPlugin(syncContract)],
    url: `${serverUrl.replace(/\/$/, '')}${SYNC_PREFIX}`,
    // What is bytes already travels as it is.
    clientInterceptors: [
      ({ next, ...call }) =>
        next(call.input instanceof Uint8Array ? { ...call, request: { ...call.request, body: undefined } } : call),
    ],
    fetch: async (request, _init, _options, path, input) => {
      const streaming = path.join('.') === 'stream'
      const timeout = streaming
        ? request.signal
        : AbortSignal.any([request.signal, AbortSignal.timeout(CALL_TIMEOUT_MS)])
      if (!credentials) return whole(await fetch(request, { signal: timeout }))
      const bytes = input instanceof Uint8Array ? input : null
      const answer = await fetchSigned(request, credentials, { now, heard }, timeout, bytes)
      return streaming ? answer : whole(answer)
    },
  })
  return createORPCClient(link)
}

/**
 * Told the server's time when it refuses a request for its time; the request is then signed anew and sent again: so a
 * counter whose clock is years off still gets through.
 */
export type Heard = ((serverTime: number) => void) | null
type SigningClock = { now: () => number; heard: Heard }

export async function fetchSigned(
  request: Request,
  credentials: Credentials,
  clock: SigningClock,
  signal: AbortSignal,
  bytes: Uint8Array | null = null,
): Promise<Response> {
  const { url, method, headers } = request
  if (bytes) headers.set('content-type', PUSH_TYPE)
  const body = bytes ?? new Uint8Array(await request.arrayBuffer())
  const send = () => {
    for (const [name, value] of signatureOf(request, body, credentials, clock.now())) headers.set(name, value)
    // What is signed for this place goes nowhere else; nor does `fetch` keep a copy to send there.
    return fetch(url, { method, headers, signal, redirect: 'error', ...(body.byteLength > 0 ? { body } : {}) })
  }
  const answer = await send()
  const serverTime = clock.heard && answer.status === 401 ? await timeIn(answer.clone()) : null
  if (!clock.heard || serverTime === null) return answer
  clock.heard(serverTime)
  return send()
}

const ClockRefusal = z.object({
  json: z.object({ data: z.object({ reason: z.literal('clock'), serverTime: z.number().int() }) }),
})

/** The server's time, when that is what it refused the request for. */
async function timeIn(refusal: Response): Promise<number | null> {
  const body: unknown = await refusal.json().catch(() => null)
  return ClockRefusal.safeParse(body).data?.json.data.serverTime ?? null
}

/** The answer, once all of it is here as it was sent. Throws when a byte of it has changed on the way. */
async function whole(answer: Response): Promise<Response> {
  const body = await answer.arrayBuffer()
  const digest = createHash('sha256').update(new Uint8Array(body)).digest('hex')
  if (answer.headers.get(ANSWER_DIGEST) !== digest) throw new TypeError('the answer is not as the server sent it')
  const { status, statusText, headers } = answer
  return new Response(NO_BODY.has(status) ? null : body, { status, statusText, headers })
}

const NO_BODY = new Set([101, 204, 205, 304])

function signatureOf(
  request: Request,
  body: Uint8Array,
  { terminal, sign }: Credentials,
  time: number,
): [string, string][] {
  const { pathname, search } = new URL(request.url)
  const bodySha256 = createHash('sha256').update(body).digest('hex')
  const text = signedText({ method: request.method, path: pathname + search, time, bodySha256 })
  return [
    [SIGNATURE_HEADERS.terminal, terminal],
    [SIGNATURE_HEADERS.time, String(time)],
    [SIGNATURE_HEADERS.signature, Buffer.from(sign(Buffer.from(text))).toString('base64url')],
  ]
}
