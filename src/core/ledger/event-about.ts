/** What an event is about, whatever its kind. */
import type { EventId, MemberId } from '#core/ids.ts'
import type { LedgerEvent } from './event.ts'
import type { ReceiptRef } from './event-body.ts'

type About = Pick<LedgerEvent, 'body'>

export const memberOf = ({ body }: About): MemberId | null => ('member' in body ? body.member : null)

export const receiptOf = ({ body }: About): ReceiptRef | null => ('receipt' in body ? body.receipt : null)

/** The event that it undoes. */
export const reversesOf = ({ body }: About): EventId | null => ('reverses' in body ? body.reverses : null)

/** Whether it undoes something whole by its own transfers. */
export const isOwnReversal = ({ body }: About): boolean => 'mode' in body && body.mode === 'own'

/** Whether it undoes something of which the member's side is left to the server (R5). */
export const isLeftToServer = ({ body }: About): boolean => 'mode' in body && body.mode === 'consequence'
