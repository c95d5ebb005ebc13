/** A push as it travels: see `core/contract/push.ts`. */
import type { z } from 'zod'
import type { PushHead } from '#core/contract/push.ts'
import { pack } from '#storage/packed.ts'

/** An event's place in its chain, and its text in UTF-8. */
export type Texted = { seq: number; hash: string; text: Uint8Array }

/** What a push says beside its events. */
export type Beside = Omit<z.input<typeof PushHead>, 'events'>

export function pushBody(beside: Beside, events: readonly Texted[]): Uint8Array<ArrayBuffer> {
  const places = events.map(({ seq, hash, text }) => ({ seq, hash, size: text.byteLength }))
  const line = Buffer.from(`${JSON.stringify({ ...beside, events: places })}\n`)
  return Buffer.concat([line, pack(Buffer.concat(events.map(({ text }) => text)))])
}
