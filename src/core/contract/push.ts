/**
 * A counter's events on their way to the server. A push is one line of JSON, its head, and then the texts of its events end
 * to end, as they stand in the counter's database, packed with zstd: hashed bytes are neither quoted nor read on the way.
 */
import { z } from 'zod'
import { EpochId, TerminalId } from '#core/ids.ts'
import { Hash } from '#core/ledger/event.ts'
import { KnownMember, Personal, PUSH_LIMIT } from './sync.ts'

/** The most text that one push carries, before it is packed. */
export const PUSH_TEXT_MAX = 5_000_000

/** What a push's body calls itself. */
export const PUSH_TYPE = 'application/octet-stream'

/** An event's place in its chain, outside its text, so that even a torn one has it; `size`: its text's bytes. */
export const EventPlace = z.object({
  seq: z.number().int().positive(),
  hash: Hash,
  size: z.number().int().min(0).max(786_432),
})
export type EventPlace = z.infer<typeof EventPlace>

export const PushHead = z.object({
  protocol: z.number().int(),
  terminal: TerminalId,
  epoch: EpochId,
  events: z.array(EventPlace).max(PUSH_LIMIT),
  personal: z.array(Personal).max(PUSH_LIMIT),
  /** Whom own events wait for there, and are known here. */
  known: z.array(KnownMember).max(PUSH_LIMIT).default([]),
  /** The last own seq the server has said it has: more than it knows of proves that it was restored (R12). */
  acknowledged: z.number().int().min(0).default(0),
  /** The next push follows at once: what these events come to need not be known before they are answered. */
  more: z.boolean().default(false),
})
export type PushHead = z.infer<typeof PushHead>
