/** Implements the terminal's contract: each procedure hands over to the part that does it. */
import { implement, type EventPublisher } from '@orpc/server'
import { terminalContract } from '#core/contract/terminal.ts'
import { mayHandBack } from '#core/contract/withheld.ts'
import { planned, refuse } from '#core/ledger/refusal.ts'
import { withApproval } from '#main/counter/approval.ts'
import * as members from '#main/counter/members.ts'
import { giveUp } from '#main/counter/done-already.ts'
import { doubts, jobView, reprint, testPrint } from '#main/counter/print-jobs.ts'
import * as refunds from '#main/counter/refunds.ts'
import { reissue, reissueCommand } from '#main/counter/reissue.ts'
import * as sales from '#main/counter/sales.ts'
import { couponOwner, scan } from '#main/counter/scan.ts'
import { demoCodes } from '#main/demo/demo-codes.ts'
import { findPrintJob, recentPrintJobs } from '#main/devices/printing/print-job.ts'
import type { Joining, TerminalEvents } from '#main/terminal.ts'
import { statusOf } from '#main/status.ts'
import { guards } from './guards.ts'

export type RouterOptions = Joining & {
  /** Copies the counter's file now. */
  backUp(): void
  events: EventPublisher<TerminalEvents>
  demo: boolean
}

const RECENT_JOBS = 20

export type TerminalRouter = ReturnType<typeof createRouter>

export function createRouter({ engine, enrol, backUp, events, demo }: RouterOptions) {
  const os = implement(terminalContract)

  const { counter, cashier, manager, once, command } = guards(engine)

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
        command((at, { id, member, approval, ...input }) =>
          withApproval(at, input.amount, approval, (approvedBy) =>
            sales.debit(at.counter, { id, member, approvedBy }, input),
          ),
        ),
      ),
    },
    points: {
      adjust: os.points.adjust.handler(
        command((at, { id, member, approval, ...input }) =>
          withApproval(at, input.amount, approval, (approvedBy) =>
            sales.adjust(at.counter, { id, member, approvedBy }, input),
          ),
        ),
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
          return withApproval(at, refunds.amountAtStake(found.event), approval, (approvedBy) =>
            refunds.refund(at.counter, id, found, reason, approvedBy),
          )
        }),
      ),
      reissue: os.transactions.reissue.handler(
        once(
          (at, { refund, lot }) => reissueCommand(at, refund, lot),
          (at, { refund, lot, approval }) =>
            withApproval(at, 'always', approval, (approvedBy) => reissue(at.counter, refund, lot, approvedBy)),
        ),
      ),
      told: os.transactions.told.handler(command((at, { id }) => giveUp(at.counter, id))),
    },
    day: {
      close: os.day.close.handler(
        manager(async (at) => {
          await at.counter.day.close()
          backUp()
          at.counter.changed()
          const through = await at.sync.once()
          return planned({ sent: through && mayHandBack(at.sync.connection().frozen) })
        }),
      ),
      reopen: os.day.reopen.handler(
        manager(async (at) => {
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
        cashier(async (at, { job, printed }) => {
          await at.spool.settle(job, printed ? 'printed' : 'notPrinted')
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
