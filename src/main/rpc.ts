/** Implements the terminal's contract: each procedure hands over to the part that does it. */
import { implement, type EventPublisher } from '@orpc/server'
import { terminalContract, type StorageFault } from '#core/contract/terminal.ts'
import type { Done } from '#core/contract/views.ts'
import type { EventId } from '#core/ids.ts'
import { reissueId } from '#core/ledger/plan/reissue.ts'
import { planned, refuse, type Planned, type Refusal } from '#core/ledger/refusal.ts'
import { storageFault } from '#storage/fault.ts'
import { mutexPerKey } from './mutex.ts'
import type { Joining, TerminalEvents } from './terminal.ts'
import { approve, approveAlways } from './counter/approval.ts'
import { toldBefore } from './counter/done-already.ts'
import * as members from './counter/members.ts'
import { doubts, jobView, reprint, testPrint, settle } from './counter/print-jobs.ts'
import * as refunds from './counter/refunds.ts'
import { reissue } from './counter/reissue.ts'
import * as sales from './counter/sales.ts'
import { couponOwner, scan } from './counter/scan.ts'
import { demoCodes } from './demo-codes.ts'
import { findPrintJob, recentPrintJobs } from './devices/printing/print-job.ts'
import type { Engine } from './engine.ts'
import { statusOf } from './status.ts'

export type RouterOptions = Joining & {
  /** Copies the counter's file now. */
  backUp(): void
  events: EventPublisher<TerminalEvents>
  demo: boolean
}

/** The contract's common errors, as oRPC hands them to a handler. */
type Errors = {
  REFUSED(options: { data: Refusal }): Error
  SIGNED_OUT(): Error
  NOT_ENROLLED(): Error
  STORAGE(options: { data: { reason: StorageFault } }): Error
}
type Asked<I> = { input: I; errors: Errors }

const RECENT_JOBS = 20

export type TerminalRouter = ReturnType<typeof createRouter>

export function createRouter({ engine, enrol, backUp, events, demo }: RouterOptions) {
  const os = implement(terminalContract)

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
  const cashier = <I, O>(work: (engine: Engine, input: I) => Promise<Planned<O>>) => {
    return async (asked: Asked<I>): Promise<O> => {
      const staff = engine()?.session.staff() ?? null
      if (engine() && !staff) throw asked.errors.SIGNED_OUT()
      const run = counter<I, Planned<O>>((at, input) => work({ ...at, counter: at.forCommand(staff) }, input))
      const result = await run(asked)
      if (!result.ok) throw asked.errors.REFUSED({ data: result.refusal })
      return result.value
    }
  }

  const inTurn = mutexPerKey<EventId>()

  /**
   * A command by its event's id, one try after the other: what is done is answered before anything can refuse it, so
   * that a refusal says that nothing was done under this id; but for `mayBeForgotten`, which says that nobody knows.
   */
  const once = <I>(
    idsOf: (input: I) => { id: EventId; since: EventId },
    work: (engine: Engine, input: I) => Promise<Planned<Done>>,
  ) =>
    cashier<I, Done>((at, input) => {
      const { id, since } = idsOf(input)
      return inTurn(id, async () => {
        const before = await toldBefore(at.counter, id, since)
        if (!before.ok) return before
        return before.value ? planned(before.value) : work(at, input)
      })
    })
  const command = <I extends { id: EventId }>(work: (engine: Engine, input: I) => Promise<Planned<Done>>) =>
    once<I>(({ id }) => ({ id, since: id }), work)

  return os.router({
    watch: os.watch.handler(async function* ({ errors, signal }) {
      const running = engine()
      if (!running) throw errors.NOT_ENROLLED()
      const changes = events.subscribe('told', signal ? { signal } : {})
      yield { about: 'status' as const, status: await statusOf(running) }
      yield* changes
    }),
    status: { get: os.status.get.handler(counter((at) => statusOf(at))) },
    shop: {
      programme: os.shop.programme.handler(counter((at) => at.counter.shop().programme)),
      staff: os.shop.staff.handler(
        counter((at) => at.counter.shop().staff.map(({ id, name, role }) => ({ id, name, role }))),
      ),
      products: os.shop.products.handler(
        counter((at) =>
          [...at.counter.shop().products.values()].map(({ code, name, price }) => ({ code, name, price })),
        ),
      ),
    },
    session: {
      signIn: os.session.signIn.handler(
        counter(async (at, { staff, pin }) => {
          const result = await at.session.signIn(staff, pin)
          if (result.ok) await at.counter.day.begin()
          events.publish('told', { about: 'status', status: await statusOf(at) })
          return result
        }),
      ),
      signOut: os.session.signOut.handler(
        counter(async (at) => {
          at.session.signOut()
          events.publish('told', { about: 'status', status: await statusOf(at) })
          return {}
        }),
      ),
    },
    scan: os.scan.handler(cashier(async (at, { text }) => planned(await scan(at.counter, text)))),
    members: {
      find: os.members.find.handler(cashier(async (at, { query }) => planned(await members.find(at.counter, query)))),
      get: os.members.get.handler(cashier((at, { member }) => members.panel(at.counter, member))),
      enrol: os.members.enrol.handler(cashier((at, input) => members.enrol(at.counter, input))),
    },
    checkout: { pay: os.checkout.pay.handler(command((at, input) => sales.pay(at.counter, input))) },
    value: {
      topUp: os.value.topUp.handler(
        command((at, { id, member, ...input }) => sales.topUp(at.counter, { id, member }, input)),
      ),
      debit: os.value.debit.handler(
        command(async (at, { id, member, approval, ...input }) => {
          const approved = await approve(at.counter, at.session, input.amount, approval)
          return approved.ok ? sales.debit(at.counter, { id, member, approvedBy: approved.value }, input) : approved
        }),
      ),
    },
    points: {
      adjust: os.points.adjust.handler(
        command(async (at, { id, member, approval, ...input }) => {
          const approved = await approve(at.counter, at.session, input.amount, approval)
          return approved.ok ? sales.adjust(at.counter, { id, member, approvedBy: approved.value }, input) : approved
        }),
      ),
    },
    coupons: {
      redeem: os.coupons.redeem.handler(
        command(async (at, { id, lot, note }) => {
          const member = await couponOwner(at.counter, lot)
          return member ? sales.redeemCoupon(at.counter, id, lot, note, member) : refuse({ code: 'memberUnknown' })
        }),
      ),
    },
    transactions: {
      recent: os.transactions.recent.handler(
        cashier(async (at) => planned(await refunds.recentTransactions(at.counter))),
      ),
      find: os.transactions.find.handler(
        cashier(async (at, { receiptCode }) => planned(await refunds.findByReceipt(at.counter, receiptCode))),
      ),
      refund: os.transactions.refund.handler(
        command(async (at, { id, event, reason, approval }) => {
          const found = await refunds.findReversible(at.counter, event)
          if (!found) return refuse({ code: 'saleUnknown' })
          const approved = await approve(at.counter, at.session, refunds.amountAtStake(found.event), approval)
          return approved.ok ? refunds.refund(at.counter, id, found, reason, approved.value) : approved
        }),
      ),
      reissue: os.transactions.reissue.handler(
        once(
          ({ refund, lot }) => ({ id: reissueId(refund, lot), since: refund }),
          async (at, { refund, lot, approval }) => {
            const approved = await approveAlways(at.counter, at.session, approval)
            return approved.ok ? reissue(at.counter, refund, lot, approved.value) : approved
          },
        ),
      ),
      told: os.transactions.told.handler(command(async () => refuse({ code: 'saleUnknown' }))),
    },
    day: {
      close: os.day.close.handler(
        cashier(async (at) => {
          if (at.counter.staff()?.role === 'staff') return refuse({ code: 'approvalNeeded' })
          await at.counter.day.close()
          backUp()
          at.counter.changed()
          return planned({ sent: await at.sync.once() })
        }),
      ),
      reopen: os.day.reopen.handler(
        cashier(async (at) => {
          if (at.counter.staff()?.role === 'staff') return refuse({ code: 'approvalNeeded' })
          await at.counter.day.reopen()
          at.counter.changed()
          return planned({})
        }),
      ),
    },
    printing: {
      reprint: os.printing.reprint.handler(cashier((at, { event }) => reprint(at.counter, event))),
      jobs: os.printing.jobs.handler(
        counter(async (at) => (await recentPrintJobs(at.counter.db, RECENT_JOBS)).map(jobView)),
      ),
      doubts: os.printing.doubts.handler(counter((at) => doubts(at.counter))),
      settle: os.printing.settle.handler(
        cashier(async (at, answer) => {
          await settle(at, answer)
          return planned({})
        }),
      ),
      preview: os.printing.preview.handler(
        cashier(async (at, { job: id }) => {
          const job = await findPrintJob(at.counter.db, id)
          if (!job) return refuse({ code: 'saleUnknown' })
          return planned({ png: at.spool.previewOf(job).toString('base64') })
        }),
      ),
      test: os.printing.test.handler(cashier(async (at) => planned(await testPrint(at.counter)))),
    },
    settings: {
      get: os.settings.get.handler(counter((at) => at.counter.settings())),
      update: os.settings.update.handler(
        cashier(async (at, settings) => {
          await at.updateSettings(settings)
          return planned(settings)
        }),
      ),
      setLanguage: os.settings.setLanguage.handler(
        counter(async (at, { language }) => {
          await at.updateSettings({ ...at.counter.settings(), language })
          return {}
        }),
      ),
    },
    setup: {
      state: os.setup.state.handler(() => {
        const running = engine()
        return { enrolled: running !== null, serverUrl: running?.counter.identity.serverUrl ?? '' }
      }),
      enrol: os.setup.enrol.handler(async ({ input, errors }) => {
        const result = await enrol(input)
        if (!result.ok) throw errors.NOT_JOINED({ data: { reason: result.reason } })
        return {}
      }),
    },
    demo: { codes: os.demo.codes.handler(counter((at) => (demo ? demoCodes(at.counter) : []))) },
  })
}
