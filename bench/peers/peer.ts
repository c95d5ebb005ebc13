/** What the bench asks of each peer: a server in a process of its own, and clients in another. */
export type Doc = { id: string; text: string }

export type Server = {
  url: string
  /** Puts these in without any client. */
  fill(docs: readonly Doc[]): Promise<void>
  count(): Promise<number>
  /** For each document, what changes whenever the server takes it to have been written anew. */
  versions(): Promise<Map<string, string>>
}

export type Client = {
  /** Keeps these in its own store, as made while there was no server. */
  make(docs: readonly Doc[]): Promise<void>
  /** Before the clock starts. */
  ready(): Promise<void>
  /** Sends what it has made, and resolves when it knows of nothing more to do. A server that is gone is tried again. */
  push(): Promise<void>
  /** Receives until it has so many. */
  pull(until: number): Promise<void>
  count(): Promise<number>
}

/** `dir` is the side's own folder. */
export type Peer = {
  serve(dir: string, port: number): Promise<Server>
  connect(url: string, dir: string): Promise<Client>
}

/** How often what failed for want of a server is tried again. */
export const RETRY_MS = 200

export const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

export function* batches<T>(all: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size)
}

/** The port that a server which listens has been given. */
export function portOf(address: { port: number } | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
