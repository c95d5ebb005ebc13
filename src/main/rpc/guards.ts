/** What stands between a procedure of the terminal's contract and the part that does it. */
import type { Command, StorageFault } from '#core/contract/terminal.ts'
import { isManager, type Done } from '#core/contract/views.ts'
import type { EventId } from '#core/ids.ts'
import { planned, refuse, type Planned, type Refusal } from '#core/ledger/refusal.ts'
import { storageFault } from '#storage/fault.ts'
import type { Counter } from '#main/counter/counter.ts'
import { toldBefore } from '#main/counter/done-already.ts'
import type { Engine } from '#main/engine.ts'
import { mutexPerKey } from '#main/mutex.ts'

/** The contract's common errors, as oRPC hands them to a handler. */
type Errors = {
  REFUSED(options: { data: Refusal }): Error
  SIGNED_OUT(): Error
  NOT_ENROLLED(): Error
  STORAGE(options: { data: { reason: StorageFault } }): Error
}
type Asked<I> = { input: I; errors: Errors }

type Refusable<I, O> = (engine: Engine, input: I) => Promise<Planned<O>>

export function guards(engine: () => Engine | null) {
  /** Runs on the joined counter; storage's own errors become words. */
  const counter =
    <I, O>(work: (engine: Engine, input: I) => O | Promise<O>) =>
    async ({ input, errors }: Asked<I>): Promise<O> => {
      const running = engine()
      if (!running) throw errors.NOT_ENROLLED()
      try {
        return await work(running, input)
      } catch (error) {
        const reason = storageFault(error)
        throw reason ? errors.STORAGE({ data: { reason } }) : error
      }
    }

  /** The same for what only a signed-in cashier may do, and what may be refused. */
  const cashier = <I, O>(work: Refusable<I, O>) => {
    return async (asked: Asked<I>): Promise<O> => {
      const staff = engine()?.session.staff() ?? null
      if (engine() && !staff) throw asked.errors.SIGNED_OUT()
      const run = counter<I, Planned<O>>((at, input) => work({ ...at, counter: at.forCommand(staff) }, input))
      const result = await run(asked)
      if (!result.ok) throw asked.errors.REFUSED({ data: result.refusal })
      return result.value
    }
  }

  /** The same for what only a manager does. */
  const manager = <I, O>(work: Refusable<I, O>) =>
    cashier<I, O>(async (at, input) => {
      const staff = at.counter.staff()
      return staff && isManager(staff) ? work(at, input) : refuse({ code: 'approvalNeeded' })
    })

  const inTurn = mutexPerKey<EventId>()

  /**
   * A command by its event's id, one try after the other: what is done is answered before anything can refuse it, so
   * that a refusal says that nothing was done under this id; but for `mayBeForgotten`, which says that nobody knows.
   */
  const once = <I>(commandOf: (counter: Counter, input: I) => Promise<Command>, work: Refusable<I, Done>) =>
    cashier<I, Done>(async (at, input) => {
      const asked = await commandOf(at.counter, input)
      return inTurn(asked.id, async () => {
        const before = await toldBefore(at.counter, asked)
        if (!before.ok) return before
        return before.value ? planned(before.value) : work(at, input)
      })
    })
  const command = <I extends Command>(work: Refusable<I, Done>) =>
    once<I>(async (_, { id, epoch }) => ({ id, epoch }), work)

  return { counter, cashier, manager, once, command }
}
