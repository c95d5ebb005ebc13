/**
 * Events: facts that happened, chained by hash. What is stored and hashed is the event's exact text, so that no
 * database and no version of this program can change what was signed off at the counter.
 */
import { z } from 'zod'
import { BusinessDate, EpochId, EventId, StaffId, StoreId, TerminalId } from '#core/ids.ts'
import { bulkParser } from '#core/parser.ts'
import { EventContent } from './event-body.ts'
import { EVENT_VERSION, upgraded } from './event-version.ts'
import { sha256Hex } from './hash.ts'
import { Lot } from './lot.ts'
import { Transfer } from './transfer.ts'

export const Hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'Hash'>()
export type Hash = z.infer<typeof Hash>

/** `terminal` of the server's own chain. */
export const SERVER_TERMINAL = TerminalId.parse('SERVER')

const Envelope = z.object({
  v: z.literal(EVENT_VERSION),
  id: EventId,
  store: StoreId,
  terminal: TerminalId,
  epoch: EpochId,
  /** 1, 2, 3 … without a gap, per terminal and epoch. */
  seq: z.number().int().positive(),
  /** Unix milliseconds by the writer's clock. */
  occurredAt: z.number().int(),
  /** Server clock minus the writer's, in milliseconds, as last known. */
  clockOffset: z.number().int(),
  businessDate: BusinessDate,
  staff: StaffId.nullable(),
  approvedBy: StaffId.nullable(),
  transfers: z.array(Transfer).max(1000),
  /** Lots born in this event, by `issued:` transfers. */
  lots: z.array(Lot).max(200),
  /** Hash of the event before it in its chain; of the last known head of the epoch before, for an epoch's first. */
  previous: Hash.nullable(),
})

export type LedgerEvent = z.infer<typeof Envelope> & EventContent
// Each for itself: putting two together key by key, as an intersection does, takes as long as parsing one.
const parseEnvelope = bulkParser(Envelope.extend({ kind: z.unknown(), body: z.unknown() }).strict())
const parseContent = bulkParser(EventContent)
export type EventKind = LedgerEvent['kind']
export type EventOf<K extends EventKind> = Extract<LedgerEvent, { kind: K }>

/** The furthest instants that a date can stand for. */
const FURTHEST = 8_640_000_000_000_000

/** When it happened, by the server's clock as far as its writer knew it. */
export const happenedAt = ({ occurredAt, clockOffset }: LedgerEvent): number =>
  Math.max(-FURTHEST, Math.min(FURTHEST, occurredAt + clockOffset))

/** What a plan produces: an event without its place in a chain. */
export type Draft = EventContent & Pick<LedgerEvent, 'transfers' | 'lots'>

/** Everything about an event that is not decided by the plan. */
export type Seal = Omit<z.infer<typeof Envelope>, 'v' | 'transfers' | 'lots'>

/** An event as it is stored and sent: the exact text, and its SHA-256. */
export type SealedEvent = { event: LedgerEvent; text: string; hash: Hash }

/** Puts a draft in its place in the chain and fixes its bytes. `hashing` is SHA-256, from where it is fastest. */
export function seal(draft: Draft, place: Seal, hashing: (text: string) => Hash = hashOf): SealedEvent {
  const event: LedgerEvent = { v: EVENT_VERSION, ...place, ...draft }
  const text = JSON.stringify(event)
  return { event, text, hash: hashing(text) }
}

/** SHA-256 over the UTF-8 bytes of the event's exact text. */
export const hashOf = (text: string): Hash => Hash.parse(sha256Hex(text))

/** `newerVersion`: for a program that is newer than this one; it makes sense as it is. */
type Unread = 'unreadable' | 'newerVersion'
export type Read = { ok: true; event: LedgerEvent } | { ok: false; reason: Unread }
export type Unsealed = Read | { ok: false; reason: 'badHash' }

/** Reads an event back from its text, believing nothing: hash, JSON, shape. */
export function unseal(text: string, hash: string): Unsealed {
  if (sha256Hex(text) !== hash) return { ok: false, reason: 'badHash' }
  return readEvent(text)
}

/** A NUL in JSON. PostgreSQL reads no JSON that has one, and would fail for all events over one that it keeps. */
const NUL = /(?:^|[^\\])(?:\\\\)*\\u0000/

/** Parses an event's text whose hash has been checked already. `present`: the newest version that is understood. */
export function readEvent(text: string, present = EVENT_VERSION): Read {
  if (text.includes('\\u0000') && NUL.test(text)) return { ok: false, reason: 'unreadable' }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { ok: false, reason: 'unreadable' }
  }
  const shaped = upgraded(json, present)
  if (!shaped.ok) return shaped
  const envelope = parseEnvelope(shaped.json)
  const content = parseContent(shaped.json)
  if (!envelope.success || !content.success || !isAsSealed(text, json)) return { ok: false, reason: 'unreadable' }
  return { ok: true, event: { ...envelope.data, ...content.data } }
}

/** Databases read the transfers out of the text: a key said twice, or nested out of all measure, is for them another text. */
function isAsSealed(text: string, json: unknown): boolean {
  try {
    return JSON.stringify(json) === text
  } catch {
    return false
  }
}
