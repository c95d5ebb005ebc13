/** What every system under the bench can be asked to do, and the figures that come of it. */
export type Work = 'A' | 'B' | 'C' | 'D' | 'E' | 'F'
export const WORKS: readonly Work[] = ['A', 'B', 'C', 'D', 'E', 'F']

export type Figure = {
  work: Work
  system: string
  /** Null when it was not done within the time limit, or could not be. */
  seconds: number | null
  /** Of a new client, at its most; D alone. */
  rssMb: number | null
  /** Events that a client had made, took for sent, and the server has not; F alone. */
  lost: number | null
  doubled: number | null
  /** What the server took for new when it was all sent again; E alone. */
  newEffects: number | null
  fsync: string
  note: string
}

/** Which events there are to send, and by how many clients. */
export type Load = 'long' | 'day' | 'eight' | 'none'

/** A server and its clients' process, set up for one work. Whatever rejects has failed. */
export type Stage = {
  /** How many events the clients have made, and how many of them the server has. */
  made: number
  stored(): Promise<number>
  /** Client 0 sends what it has made, until it is acknowledged. */
  push(): Promise<void>
  /** Every client does, at once. */
  pushAll(): Promise<void>
  /** Resolves once what has been acknowledged is worked out, where that comes later. */
  workedOut?(): Promise<void>
  /** A second client, which was there before the events, gets what they have come to. */
  pull(): Promise<void>
  /** A new client gets all members and balances; gives the most memory it took, in MB. */
  join(): Promise<number>
  /** Makes ready a client with the same events that knows of none that it has sent them. */
  forget(): Promise<void>
  pushAgain(): Promise<void>
  /** Notes what the server has; afterwards, how much of it has changed. */
  remember(): Promise<void>
  changed(): Promise<number>
  killServer(): Promise<void>
  startServer(): Promise<void>
  /** Whether what is at the server is what was sent, once each. */
  verdict(): Promise<{ lost: number; doubled: number }>
  /** Throws when a second client does not have what the server has. */
  expectAgreement(): Promise<void>
  /** Ends its processes and clears its files away. */
  end(): Promise<void>
}

export type System = {
  name: string
  /** When what was acknowledged is on disk. */
  fsync: string
  /** What it does when everything comes again, and when the server is killed. */
  notes: Partial<Record<Work, string>>
  stage(load: Load, options: { second: boolean; filled: boolean }): Promise<Stage>
  /** The limit: the rows that this work came to, put into the same files by bare inserts. Gives seconds. */
  bare?(work: Work, stage: Stage): Promise<number>
}

export const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms))
