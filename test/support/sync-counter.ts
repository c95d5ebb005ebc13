/** A counter as the server sees it: keys, a chain of events, and the real client over HTTP. */
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import {
  CURSOR_START,
  PROTOCOL,
  type Cursor,
  type Granted,
  type Personal,
  type Want,
  type WireEvent,
} from '#core/contract/sync.ts'
import type { LotState, MemberState, OutcomeState, Owed, RecallState, SyncRow } from '#core/contract/sync-rows.ts'
import { EpochId, EventId, GrantId, type LotId, type MemberId, type StoreId, type TerminalId } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import { acceptGrant } from '#core/ledger/plan/rights.ts'
import { seal, type Draft, type SealedEvent } from '#core/ledger/event.ts'
import { syncClient, type SyncClient } from '#main/sync/client.ts'
import { openSnapshot } from '#main/sync/open-snapshot.ts'
import { rowsOfPull, rowsUnder } from '#main/sync/page-rows.ts'
import { pushBody, type Beside } from '#main/sync/push-body.ts'
import { randomCrockford } from '#server/ledger/mint.ts'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import type { TestServer } from './sync-server.ts'
import { TODAY } from './sync-server.ts'

const freshEventId = (): EventId => EventId.parse(uuidv7())
export const freshEpoch = (): EpochId => EpochId.parse(randomCrockford(6))

type Identity = { holder: Holder; store: StoreId; privateKey: KeyObject }

export class SyncCounter {
  readonly holder: Holder
  readonly store: StoreId
  readonly privateKey: KeyObject
  readonly client: SyncClient
  /** Everything pulled so far, the latest of each thing. */
  readonly known = new Map<string, SyncRow>()
  /** What members owe, by what has been pulled; null until it was told once. */
  owed: Map<string, number> | null = null
  cursor: Cursor = CURSOR_START
  ack = 0
  grants: Granted[] = []
  unsent: WireEvent[] = []
  /** All of its own events, and the personal data beside them. */
  readonly chain: WireEvent[] = []
  readonly people: Personal[] = []
  personal: Personal[] = []
  seq = 0
  head: SealedEvent['hash'] | null = null
  now: () => number
  readonly url: string

  constructor({ holder, store, privateKey }: Identity, url: string, now: () => number) {
    this.holder = holder
    this.store = store
    this.privateKey = privateKey
    this.now = now
    this.url = url
    this.client = syncClient(url, { terminal: holder.terminal, sign: (bytes) => sign(null, bytes, privateKey) }, now)
  }

  /** Enrols with a one-time code and opens the epoch. */
  static async join(server: TestServer, name = 'Counter 1', storeId = 's1'): Promise<SyncCounter> {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const code = await makeEnrolCode(server.database.db, storeId, server.clock())
    const epoch = freshEpoch()
    const raw = publicKey.export({ format: 'jwk' }).x ?? ''
    const { terminal, store } = await syncClient(server.url, null, server.clock).enrol({
      code,
      name,
      publicKey: raw,
      epoch,
    })
    const counter = new SyncCounter({ holder: { terminal, epoch }, store, privateKey }, server.url, server.clock)
    counter.append({ kind: 'epoch.opened', body: { before: null }, lots: [], transfers: [] })
    return counter
  }

  /** A copy of this counter's disk as it is now, on another machine. */
  twin(): SyncCounter {
    const { holder, store, privateKey, now } = this
    const twin = new SyncCounter({ holder, store, privateKey }, this.url, now)
    return Object.assign(twin, { cursor: this.cursor, seq: this.seq, head: this.head, unsent: [...this.unsent] })
  }

  /** This counter after a restore: a new epoch that names the one before. */
  reborn(): SyncCounter {
    const { store, privateKey, now } = this
    const holder = { ...this.holder, epoch: freshEpoch() }
    const again = new SyncCounter({ holder, store, privateKey }, this.url, now)
    Object.assign(again, { cursor: this.cursor, head: this.head, known: this.known })
    again.append({ kind: 'epoch.opened', body: { before: this.holder.epoch }, lots: [], transfers: [] })
    return again
  }

  /** The same counter talking to another server of the same database. */
  at(url: string): SyncClient {
    const { holder, privateKey, now } = this
    return syncClient(url, { terminal: holder.terminal, sign: (bytes) => sign(null, bytes, privateKey) }, now)
  }

  /** Adds an event to this counter's chain; it goes with the next push. */
  append(draft: Draft, over: { id?: EventId; store?: StoreId } = {}): SealedEvent {
    this.seq += 1
    const sealed = seal(draft, {
      id: over.id ?? freshEventId(),
      store: over.store ?? this.store,
      ...this.holder,
      seq: this.seq,
      occurredAt: this.now(),
      clockOffset: 0,
      businessDate: TODAY,
      staff: null,
      approvedBy: null,
      previous: this.head,
    })
    this.head = sealed.hash
    const wire = { seq: this.seq, hash: sealed.hash, text: sealed.text }
    this.unsent.push(wire)
    this.chain.push(wire)
    return sealed
  }

  bodyOf(events: readonly WireEvent[], beside: Partial<Beside> = {}): Uint8Array<ArrayBuffer> {
    const texted = events.map((event) => ({ ...event, text: Buffer.from(event.text) }))
    return pushBody({ protocol: PROTOCOL, ...this.holder, personal: [], ...beside }, texted)
  }

  push(events: WireEvent[] = this.unsent): Promise<{ stored: number }> {
    const { personal, ack } = this
    return this.client.push(this.bodyOf(events, { personal, acknowledged: Math.max(0, ack) }))
  }

  /** Pushes all that waits. */
  async sync(): Promise<void> {
    await this.push()
    this.unsent = []
    this.personal = []
    await this.pull()
  }

  /** Joins with a new code as who it was, saying which store it is of; answers who it is. */
  async joinAgain(code: string, of: { store?: StoreId } = { store: this.store }): Promise<TerminalId> {
    const publicKey = createPublicKey(this.privateKey).export({ format: 'jwk' }).x ?? ''
    const client = syncClient(this.url, null, this.now)
    return (await client.enrol({ code, name: 'again', publicKey, ...this.holder, ...of })).terminal
  }

  /** What a counter does that a restored server wants to hear (R12): sends all it has, and takes the state anew. */
  async comeAgain(): Promise<void> {
    const { stored } = await this.push([])
    this.personal = this.people
    await this.push(this.chain.slice(stored))
    this.unsent = []
    this.personal = []
    const { holder, privateKey, url, now } = this
    const credentials = { terminal: holder.terminal, sign: (bytes: Uint8Array) => sign(null, bytes, privateKey) }
    const { head, pages } = await openSnapshot(url, holder.epoch, credentials, now, new AbortController().signal)
    this.known.clear()
    for (const row of head.rows) this.learn(row)
    for await (const page of pages) for (const row of rowsUnder(head.seq, page)) this.learn(row)
    this.owed = null
    this.cursor = head.cursor
    await this.pull()
  }

  async pull(): Promise<void> {
    for (;;) {
      const { holder, cursor, seq: head } = this
      const owed = this.owed ? 'changed' : 'all'
      const page = await this.client.pull({ protocol: PROTOCOL, ...holder, cursor, head, owed })
      if (page.owed) this.learnOwed(page.owed)
      for (const row of [...page.rows, ...page.packed.flatMap(rowsOfPull)]) this.learn(row)
      this.cursor = page.cursor
      if (page.more) continue
      this.ack = page.ack?.seq ?? -1
      this.grants = page.grants
      return
    }
  }

  learnOwed({ all, of }: Owed): void {
    const owed = all || !this.owed ? new Map<string, number>() : this.owed
    for (const { member, asset, amount } of of) owed.set(`${member} ${asset}`, amount)
    this.owed = owed
  }

  learn(row: SyncRow): void {
    const before = this.known.get(keyOf(row))
    if (!before || before.seq <= row.seq) this.known.set(keyOf(row), row)
  }

  /** Asks for rights and takes them into its own chain. */
  async acquire(member: MemberId, wants: Want[], grant = GrantId.parse(uuidv7())): Promise<Granted> {
    const { holder, cursor } = this
    const answer = await this.client.acquire({ protocol: PROTOCOL, ...holder, cursor, grant, member, wants })
    const granted = madeAnew(answer)
    this.accept(granted)
    return granted
  }

  accept(granted: Granted): SealedEvent {
    return this.append(acceptGrant(this.holder, granted))
  }

  members(): MemberState[] {
    return [...this.known.values()].flatMap((row) => (row.kind === 'member' ? [row.state] : []))
  }

  member(id: string): MemberState | undefined {
    return this.members().find((member) => member.id === id)
  }

  outcomes(): OutcomeState[] {
    return [...this.known.values()].flatMap((row) => (row.kind === 'outcome' ? [row.state] : []))
  }

  recalls(): RecallState[] {
    return [...this.known.values()].flatMap((row) => (row.kind === 'recall' ? [row.state] : []))
  }

  /** Points that a member owes, as pulled. */
  owedBy(member: MemberId): number {
    return this.owed?.get(`${member} points`) ?? 0
  }

  lots(): LotState[] {
    return [...this.known.values()].flatMap((row) => (row.kind === 'lot' ? [row.state] : []))
  }

  /** The lots of a member with something left, as pulled. */
  lotsOf(member: MemberId, asset?: string): LotState[] {
    return this.lots().filter(
      ({ lot, free, held }) =>
        lot.member === member && (asset === undefined || lot.asset === asset) && free + held.length > 0,
    )
  }

  freeOf(member: MemberId, asset: string): number {
    return this.lotsOf(member, asset).reduce((sum, { free }) => sum + free, 0)
  }

  lot(id: LotId): LotState | undefined {
    return this.lots().find(({ lot }) => lot.id === id)
  }
}

/** The grant that an acquire made. Throws where what was pending already was enough. */
export function madeAnew({ granted }: { granted: Granted | null }): Granted {
  if (!granted) throw new Error('nothing was granted anew')
  return granted
}

function keyOf(row: SyncRow): string {
  const { state } = row
  if (row.kind === 'lot') return `lot ${row.state.lot.id}`
  if ('code' in state) return `product ${state.code}`
  if ('event' in state) return `outcome ${state.event}`
  return 'id' in state ? `${row.kind} ${state.id}` : row.kind
}
