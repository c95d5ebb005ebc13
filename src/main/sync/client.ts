/** The sync API over HTTP, each request signed with the terminal's key; and the snapshot, which is a stream of lines. */
import { createHash } from 'node:crypto'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import { ResponseValidationPlugin } from '@orpc/contract/plugins'
import { z } from 'zod'
import { ANSWER_DIGEST, signedText, SIGNATURE_HEADERS } from '#core/contract/request-signature.ts'
import {
  SNAPSHOT_PATH,
  SnapshotHead,
  SYNC_PREFIX,
  SyncRow,
  type LotState,
  type MemberState,
  syncContract,
} from '#core/contract/sync.ts'
import type { EpochId, TerminalId } from '#core/ids.ts'

export type SyncClient = ContractRouterClient<typeof syncContract>

export type Credentials = {
  terminal: TerminalId
  /** Ed25519 over these bytes. */
  sign(bytes: Uint8Array): Uint8Array
}

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
    fetch: async (request, _init, _options, path) => {
      const streaming = path.join('.') === 'stream'
      const timeout = streaming
        ? request.signal
        : AbortSignal.any([request.signal, AbortSignal.timeout(CALL_TIMEOUT_MS)])
      if (!credentials) return whole(await fetch(request, { signal: timeout }))
      const answer = await fetchSigned(request, credentials, { now, heard }, timeout)
      return streaming ? answer : whole(answer)
    },
  })
  return createORPCClient(link)
}

/**
 * Told the server's time when it refuses a request for its time; the request is then signed anew and sent again: so a
 * counter whose clock is years off still gets through.
 */
type Heard = ((serverTime: number) => void) | null
type SigningClock = { now: () => number; heard: Heard }

async function fetchSigned(
  request: Request,
  credentials: Credentials,
  clock: SigningClock,
  signal: AbortSignal,
): Promise<Response> {
  const body = new Uint8Array(await request.arrayBuffer())
  const send = () => {
    for (const [name, value] of signatureOf(request, body, credentials, clock.now())) request.headers.set(name, value)
    const { url, method, headers } = request
    const signed = new Request(url, { method, headers, ...(body.byteLength > 0 ? { body } : {}) })
    return fetch(signed, { signal })
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

/** `rows` come in pieces, as the network brings them. */
export type Snapshot = {
  head: SnapshotHead
  rows: AsyncIterable<SyncRow[]>
  /** Instead of reading the rows: the server need not hold them ready any longer. */
  letGo(): Promise<unknown>
}

/** Opens a snapshot of all this counter should know. Throws when the server refuses or the stream is torn. */
export async function openSnapshot(
  serverUrl: string,
  epoch: EpochId,
  credentials: Credentials,
  now: () => number,
  signal: AbortSignal,
  heard: Heard = null,
): Promise<Snapshot> {
  const request = new Request(`${serverUrl.replace(/\/$/, '')}${SNAPSHOT_PATH}?epoch=${epoch}`, {
    headers: { 'accept-encoding': 'zstd, gzip' },
  })
  const response = await fetchSigned(request, credentials, { now, heard }, signal)
  if (!response.ok || !response.body) throw new Error(`the server gave no snapshot (${response.status})`)
  const lines = linesOf(response.body)
  const first = await lines.next()
  const [text, ...others] = first.value ?? []
  if (text === undefined) throw new Error('the snapshot is empty')
  const head = SnapshotHead.parse(JSON.parse(text))
  return { head, rows: rowsOf(others, lines, head.rows), letGo: () => lines.return(undefined) }
}

/** Whole lines, as many at a time as have come. */
async function* linesOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string[], undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (lines.length > 0) yield lines
  }
  if (rest !== '') yield [rest]
}

async function* rowsOf(
  first: readonly string[],
  rest: AsyncIterable<string[]>,
  expected: number,
): AsyncGenerator<SyncRow[]> {
  let count = first.length
  yield first.map(rowOf)
  for await (const lines of rest) {
    count += lines.length
    yield lines.map(rowOf)
  }
  if (count !== expected) throw new Error(`the snapshot was cut off: ${count} of ${expected} rows`)
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
const inBulk = { seq: z.number().int().positive() }

/**
 * Members and lots come by the hundred thousand. Their envelope is parsed here; their columns are held by the STRICT tables
 * they go into, and each is parsed when it is read from there.
 */
const BulkRow = z.discriminatedUnion('kind', [
  z.object({ ...inBulk, kind: z.literal('member'), state: z.custom<MemberState>(isObject) }),
  z.object({ ...inBulk, kind: z.literal('lot'), state: z.custom<LotState>(isObject) }),
])

function rowOf(line: string): SyncRow {
  const json: unknown = JSON.parse(line)
  const bulk = BulkRow.safeParse(json)
  return bulk.success ? bulk.data : SyncRow.parse(json)
}
