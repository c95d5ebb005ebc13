/** What came of asking the counter's process for something, as data: done, a reason why not, or no answer. */
import { isDefinedError, ORPCError } from '@orpc/client'
import { z } from 'zod'
import { StorageFault } from '#core/contract/terminal.ts'
import { Refusal } from '#core/ledger/refusal.ts'

export type Failure =
  | { why: 'refused'; refusal: Refusal }
  /** Nothing was recorded. */
  | { why: 'storage'; reason: StorageFault }
  | { why: 'signedOut' }
  /** What was sent is not as it has to be; nothing was recorded. */
  | { why: 'invalid' }
  /** The process was reached and failed in a way it has no name for; whether it was recorded is not known. */
  | { why: 'failed' }
  /** No answer came; whether it was recorded is not known. */
  | { why: 'unreachable' }

export type Outcome<T> = { ok: true; value: T } | ({ ok: false } & Failure)

const StorageData = z.object({ reason: StorageFault })

/** Waits for the answer and never throws. */
export async function outcomeOf<T>(asked: Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await asked }
  } catch (error) {
    return { ok: false, ...failureOf(error) }
  }
}

/**
 * Whether this failure leaves it open if the command took effect. `before`: a try before it did so; then only a refusal
 * says anything of that one, since all others may have come before the counter looked.
 */
export const isUncertain = ({ why }: Failure, before = false): boolean =>
  before ? why !== 'refused' : why === 'failed' || why === 'unreachable'

/** Whether it may have been done by a file that is lost, of which the counter can hear nothing now (R11): that may take long. */
export const isPutOff = (failure: Failure): boolean =>
  failure.why === 'refused' && failure.refusal.code === 'mayBeForgotten'

function failureOf(error: unknown): Failure {
  if (!(error instanceof ORPCError)) return { why: 'unreachable' }
  if (error.code === 'BAD_REQUEST') return { why: 'invalid' }
  if (!isDefinedError(error)) return { why: 'failed' }
  if (error.code === 'SIGNED_OUT') return { why: 'signedOut' }
  const refusal = Refusal.safeParse(error.data)
  if (error.code === 'REFUSED' && refusal.success) return { why: 'refused', refusal: refusal.data }
  const storage = StorageData.safeParse(error.data)
  return error.code === 'STORAGE' && storage.success
    ? { why: 'storage', reason: storage.data.reason }
    : { why: 'failed' }
}
