/** Reads a push as it has travelled: see `core/contract/push.ts`. */
import { PushHead, type EventPlace } from '#core/contract/push.ts'
import type { WireEvent } from '#core/contract/sync.ts'

const LINE_END = 0x0a

/** Events by their places, and the bytes of their texts end to end. */
export type Texts = { events: readonly EventPlace[]; texts: Uint8Array }

/** Null when it is torn, or is no push. */
export function readPush(body: Uint8Array): (PushHead & Texts) | null {
  const end = body.indexOf(LINE_END)
  const head = PushHead.safeParse(parsed(new TextDecoder().decode(body.subarray(0, Math.max(0, end))))).data
  const texts = body.subarray(end + 1)
  return head && sizeOf(head.events) === texts.byteLength ? { ...head, texts } : null
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}

const sizeOf = (events: readonly EventPlace[]): number => events.reduce((sum, { size }) => sum + size, 0)

/** All but the first so many events. */
export const withoutFirst = ({ events, texts }: Texts, count: number): Texts => ({
  events: events.slice(count),
  texts: texts.subarray(sizeOf(events.slice(0, count))),
})

/** Each event with its text. */
export function textsApart({ events, texts }: Texts): WireEvent[] {
  const bytes = Buffer.from(texts.buffer, texts.byteOffset, texts.byteLength)
  let at = 0
  return events.map(({ seq, hash, size }) => ({ seq, hash, text: bytes.toString('utf8', at, (at += size)) }))
}
