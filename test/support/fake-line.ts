/**
 * LINE, as far as the product talks to it, over real HTTP and with a memory: retry keys and how long they live, the
 * monthly quota, the rate limit, who has blocked the shop, ID tokens. Faults are asked for one request at a time.
 */
import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { LineMessages } from '#server/line/message.ts'
import { listenOnLoopback } from './loopback.ts'

/** What goes wrong with one push. `…AfterAccepting`: LINE has the message, and the caller never learns it. */
export type Fault =
  | 'serverError'
  | 'serverErrorAfterAccepting'
  | 'hang'
  | 'hangAfterAccepting'
  | 'drop'
  | 'dropAfterAccepting'
  | 'rateLimit'
  | 'badAnswer'

export type Accepted = { retryKey: string; to: string; messages: LineMessages; at: number; delivered: boolean }

export type FakeLine = {
  url: string
  accessToken: string
  channelSecret: string
  loginChannelId: string
  /** Every message LINE took, in order; two under one retry key are a message sent twice. */
  accepted: Accepted[]
  /** Every push that came in, whatever became of it. */
  pushes: { retryKey: string; at: number; status: number | 'lost' }[]
  /** Asked at each push: what goes wrong with it, if anything. */
  fault: (push: number) => Fault | null
  /** Messages the shop may still send this month; null for a plan without a limit. */
  quota: number | null
  /** A friend of the shop's account: LINE's user id. */
  addUser(name: string): string
  block(user: string): void
  /** An ID token LINE would vouch for, as LIFF hands it to a page. */
  idToken(user: string, options?: { audience?: string; expired?: boolean }): string
  /** Sends a webhook to the shop's server, signed as LINE signs it. Answers the status. */
  webhook(url: string, events: readonly unknown[]): Promise<number>
  close(): Promise<void>
}

const RETRY_KEY_LIFE_MS = 24 * 3_600_000
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const Push = z.object({ to: z.string().regex(/^U[0-9a-f]{32}$/), messages: LineMessages })

export async function startFakeLine(clock: () => number = Date.now): Promise<FakeLine> {
  const users = new Map<string, { name: string; blocked: boolean }>()
  const tokens = new Map<string, { user: string; audience: string; expired: boolean }>()
  const keys = new Map<string, { requestId: string; at: number }>()

  const server = createServer((request, response) => {
    void readBody(request).then((body) => route(request, response, body))
  })
  const port = await listenOnLoopback(server)

  const line: FakeLine = {
    url: `http://127.0.0.1:${port}`,
    accessToken: randomBytes(16).toString('hex'),
    channelSecret: randomBytes(16).toString('hex'),
    loginChannelId: '1650000000',
    accepted: [],
    pushes: [],
    fault: () => null,
    quota: null,
    addUser: (name) => {
      const id = `U${randomBytes(16).toString('hex')}`
      users.set(id, { name, blocked: false })
      return id
    },
    block: (user) => {
      const known = users.get(user)
      if (known) known.blocked = true
    },
    idToken: (user, { audience = line.loginChannelId, expired = false } = {}) => {
      const token = `${randomBytes(12).toString('base64url')}.${randomBytes(24).toString('base64url')}.fake`
      tokens.set(token, { user, audience, expired })
      return token
    },
    webhook: async (url, events) => {
      const body = JSON.stringify({ destination: `U${'0'.repeat(32)}`, events })
      const signature = createHmac('sha256', line.channelSecret).update(body).digest('base64')
      const headers = { 'content-type': 'application/json', 'x-line-signature': signature }
      return (await fetch(url, { method: 'POST', body, headers })).status
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  const route = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const path = `${request.method} ${request.url}`
    if (path === 'POST /oauth2/v2.1/verify') return verifyIdToken(response, new URLSearchParams(body))
    if (request.headers.authorization !== `Bearer ${line.accessToken}`) {
      return answer(response, 401, { message: 'Authentication failed. Confirm that the access token is valid.' })
    }
    if (path === 'POST /v2/bot/message/push') return push(request, response, body)
    if (path === 'GET /v2/bot/message/quota') {
      return answer(response, 200, line.quota === null ? { type: 'none' } : { type: 'limited', value: line.quota })
    }
    if (path === 'GET /v2/bot/message/quota/consumption') {
      return answer(response, 200, { totalUsage: line.accepted.length })
    }
    return answer(response, 404, { message: 'Not found' })
  }

  const push = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const retryKey = String(request.headers['x-line-retry-key'] ?? '')
    const seen = { retryKey, at: clock(), status: 'lost' as number | 'lost' }
    line.pushes.push(seen)
    const fault = line.fault(line.pushes.length)
    const say = (status: number, json: unknown, headers: Record<string, string> = {}) => {
      seen.status = status
      return answer(response, status, json, headers)
    }
    if (fault === 'hang') return
    if (fault === 'drop') return void response.destroy()
    if (fault === 'serverError') return say(500, { message: 'Internal Server Error' })
    if (fault === 'rateLimit') return say(429, { message: 'The API rate limit has been exceeded. Try again later.' })
    if (!UUID.test(retryKey)) return say(400, { message: 'The retry key is invalid' })
    const parsed = Push.safeParse(json(body))
    if (!parsed.success) return say(400, { message: 'The request body has 1 error(s)' })

    const before = keys.get(retryKey)
    if (before && before.at > clock() - RETRY_KEY_LIFE_MS) {
      const headers = { 'x-line-accepted-request-id': before.requestId }
      return say(409, { message: 'The retry key is already accepted', sentMessages: [] }, headers)
    }
    const user = users.get(parsed.data.to)
    if (!user) return say(400, { message: 'Failed to send messages' })
    if (line.quota !== null && line.accepted.length >= line.quota) {
      return say(429, { message: 'You have reached your monthly limit.' })
    }
    const requestId = randomUUID()
    keys.set(retryKey, { requestId, at: clock() })
    line.accepted.push({ retryKey, ...parsed.data, at: clock(), delivered: !user.blocked })
    if (fault === 'hangAfterAccepting') return
    if (fault === 'dropAfterAccepting') return void response.destroy()
    if (fault === 'serverErrorAfterAccepting') return say(502, { message: 'Bad Gateway' })
    if (fault === 'badAnswer') return void response.writeHead(200).end('<html>')
    return say(200, { sentMessages: [{ id: String(line.accepted.length) }] }, { 'x-line-request-id': requestId })
  }

  const verifyIdToken = (response: ServerResponse, form: URLSearchParams): void => {
    const token = tokens.get(form.get('id_token') ?? '')
    const refuse = (why: string) => answer(response, 400, { error: 'invalid_request', error_description: why })
    if (!token) return refuse('Invalid IdToken.')
    if (token.expired) return refuse('IdToken expired.')
    if (token.audience !== form.get('client_id')) return refuse('Invalid IdToken Audience.')
    const seconds = Math.floor(clock() / 1000)
    return answer(response, 200, {
      iss: 'https://access.line.me',
      sub: token.user,
      aud: token.audience,
      exp: seconds + 3600,
      iat: seconds,
      amr: ['linesso'],
      name: users.get(token.user)?.name,
    })
  }

  return line
}

function answer(response: ServerResponse, status: number, json: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces).toString()
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
