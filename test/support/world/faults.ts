/** What goes between counters and server in memory, and the mistakes that can be planted to see them found. */
import type { GrantId, MemberId } from '#core/ids.ts'
import type { Hash } from '#core/ledger/event.ts'
import type { Part } from '#core/ledger/lot.ts'

export type Wire = { seq: number; text: string; hash: Hash }
export type Grant = { grant: GrantId; member: MemberId; parts: Part[] }

/** Each is one line of the rules left out. */
export const FAULTS = [
  /** The server does not notice that it has an event already. */
  'applyTwice',
  /** A counter hands back and goes on holding. */
  'forgetReturn',
  /** The server grants again when it is asked again. */
  'grantAnew',
  /** A counter takes in a grant each time it arrives. */
  'acceptTwice',
  /** A counter does a command each time it is asked. */
  'answerAnew',
  /** A refund does again what it should undo. */
  'undoForwards',
  /** A counter refunds twice. */
  'reverseTwice',
  /** The server forgets what is due from a lot that a counter holds. */
  'forgetDues',
  /** The server posts a grant again when the counter's word of it arrives. */
  'postGrantTwice',
  /** A counter counts what is free at the server as its own. */
  'spendFree',
  /** A counter's events do not name the one before. */
  'unchained',
] as const
export type Fault = (typeof FAULTS)[number]
