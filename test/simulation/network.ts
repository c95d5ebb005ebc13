/** The way between counters and server, where all that goes wrong on a line goes wrong on purpose. */

/** What happens to the n-th request of a step: lost on its way, its answer lost, or delivered twice. */
export type Mishap = { after: number; what: 'requestLost' | 'answerLost' | 'twice' }

/** Changes an answer of the server before the counter has it; for planted faults. */
export type Tamper = (url: string, answer: Response) => Promise<Response>

export type Network = {
  /** Nothing gets through to or from a counter whose name is here. */
  away: Set<string>
  /** Who speaks now: one at a time does. */
  speaker: string
  mishap: Mishap | null
  tamper: Tamper | null
  /** Called at the moment a mishap strikes. */
  onMishap: (() => void) | null
  close(): void
}

export function openNetwork(): Network {
  const real = globalThis.fetch
  let requests = 0
  const network: Network = {
    away: new Set(),
    speaker: '',
    mishap: null,
    tamper: null,
    onMishap: null,
    close: () => void (globalThis.fetch = real),
  }
  const broken = () => new TypeError('the line is broken')
  globalThis.fetch = async (request, init) => {
    if (network.away.has(network.speaker)) throw broken()
    const { mishap } = network
    const struck = mishap !== null && requests++ === mishap.after
    if (mishap === null) requests = 0
    if (struck && mishap.what === 'requestLost') return fail(network, broken())
    const again = request instanceof Request ? request.clone() : request
    const answer = await real(request, init)
    if (struck && mishap.what === 'answerLost') return fail(network, broken())
    const heard = struck && mishap.what === 'twice' ? await real(again, init) : answer
    const url = request instanceof Request ? request.url : String(request)
    return network.tamper ? network.tamper(url, heard) : heard
  }
  return network
}

function fail(network: Network, error: Error): never {
  network.onMishap?.()
  throw error
}
