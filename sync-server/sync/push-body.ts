/** Reads a push as it has travelled: see `core/contract/push.ts`. */
import { PUSH_TEXT_MAX, PushHead, type EventPlace } from '#core/contract/push.ts'
import type { WireEvent } from '#core/contract/sync.ts'
import { pack, unpack } from '#storage/packed.ts'
import { parseJson } from '#server/json.ts'

const LINE_END = 0x0a

/** Events by their places, and their texts, packed as one. */
export type Texts = { events: readonly EventPlace[]; packed: Uint8Array }

/** Null when it is torn, or is no push. */
export function readPush(body: Uint8Array): (PushHead & Texts) | null {
  const end = body.indexOf(LINE_END)
  const head = PushHead.safeParse(parseJson(new TextDecoder().decode(body.subarray(0, Math.max(0, end))))).data
  const packed = body.subarray(end + 1)
  if (!head || sizeOf(head.events) > PUSH_TEXT_MAX || !unpacked({ events: head.events, packed })) return null
  return { ...head, packed }
}

const unpacked = ({ events, packed }: Texts): Buffer | null => unpack(packed, sizeOf(events))

/** Throws when they do not unpack: what was taken in does. */
function textsOf(texts: Texts): Buffer {
  const bytes = unpacked(texts)
  if (!bytes) throw new Error('the texts of a push do not unpack')
  return bytes
}

const sizeOf = (events: readonly EventPlace[]): number => events.reduce((sum, { size }) => sum + size, 0)

/** All but the first so many events. */
export function withoutFirst(texts: Texts, count: number): Texts {
  if (count === 0) return texts
  const { events } = texts
  const rest = textsOf(texts).subarray(sizeOf(events.slice(0, count)))
  return { events: events.slice(count), packed: pack(rest) }
}

/** Each event with its text. */
export function textsApart(texts: Texts): WireEvent[] {
  const bytes = textsOf(texts)
  let at = 0
  return texts.events.map(({ seq, hash, size }) => ({ seq, hash, text: bytes.toString('utf8', at, (at += size)) }))
}
