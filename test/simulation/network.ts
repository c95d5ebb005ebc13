/** The way between counters and server, where all that goes wrong on a line goes wrong on purpose. */

/** What happens to the n-th request of a step: lost on its way, its answer lost or too late, or delivered twice. */
export type Mishap = { after: number; what: 'requestLost' | 'answerLost' | 'twice' }

export type Hold = { answerTo: 'pull' | 'push'; until: () => Promise<void> }

/** The address counters know; who listens there is found out at each request. */
export const SERVER_URL = 'http://shop.invalid'

type Sent = { path: string; method: string; headers: Headers; body: ArrayBuffer }

export type Network = {
  /** Nothing gets through to or from a counter whose name is here. */
  away: Set<string>
  /** Who speaks now: one at a time does. */
  speaker: string
  mishap: Mishap | null
  /** Called at the moment a mishap strikes. */
  onMishap: (() => void) | null
  /** Keeps the next answer to such a request back until this is over. */
  hold: Hold | null
  /** Goes on while the server works at the next acquire. */
  meanwhile: ((acquiring: Promise<unknown>) => Promise<void>) | null
  /** What the network still remembers; it may come once more at any time. */
  old: Sent[]
  deliver(sent: Sent): Promise<Response>
  close(): void
}

const REMEMBERED = 40

export function openNetwork(serverUrl: () => string): Network {
  const real = globalThis.fetch
  let requests = 0
  const network: Network = {
    away: new Set(),
    speaker: '',
    mishap: null,
    onMishap: null,
    hold: null,
    meanwhile: null,
    old: [],
    deliver: ({ path, method, headers, body }) =>
      real(serverUrl() + path, { method, headers, ...(body.byteLength > 0 ? { body } : {}) }),
    close: () => void (globalThis.fetch = real),
  }
  const broken = () => new TypeError('the line is broken')
  globalThis.fetch = async (asked, init) => {
    const request = new Request(asked, init)
    if (!request.url.startsWith(SERVER_URL)) return real(asked, init)
    if (network.away.has(network.speaker)) throw broken()
    const sent = await sentBy(request)
    if (sent.method === 'POST') network.old = [...network.old.slice(1 - REMEMBERED), sent]
    const { mishap } = network
    const struck = mishap !== null && requests++ === mishap.after
    if (mishap === null) requests = 0
    if (struck && mishap.what === 'requestLost') return fail(network, broken())
    const answering = network.deliver(sent)
    await lookOn(network, sent, answering)
    const answer = await answering
    if (struck && mishap.what === 'answerLost') return fail(network, broken())
    if (struck && mishap.what === 'twice') return network.deliver(sent)
    await heldBack(network, sent)
    return answer
  }
  return network
}

async function sentBy(request: Request): Promise<Sent> {
  const { method, headers } = request
  return { path: request.url.slice(SERVER_URL.length), method, headers, body: await request.arrayBuffer() }
}

async function heldBack(network: Network, { path }: Sent): Promise<void> {
  const { hold } = network
  if (!hold || !path.endsWith(`/${hold.answerTo}`)) return
  network.hold = null
  await hold.until()
}

async function lookOn(network: Network, { path }: Sent, acquiring: Promise<unknown>): Promise<void> {
  const { meanwhile } = network
  if (!meanwhile || !path.endsWith('/acquire')) return
  network.meanwhile = null
  await meanwhile(acquiring)
}

function fail(network: Network, error: Error): never {
  network.onMishap?.()
  throw error
}
