/** The counter's one desk: the sale in hand, what the screen has to tell, the dialog that is open, and what hands may do. */
import { createContext, use, useEffect, useEffectEvent, useMemo, useRef, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Amount, type LotId, type MemberId } from '#core/ids.ts'
import type { Done, Status, TransactionView } from '#core/contract/views.ts'
import { newCommand } from '#renderer/ui/new-command.ts'
import { isPutOff, outcomeOf, type Failure } from '#renderer/ui/outcome.ts'
import { isAmount, type Cart } from './cart.ts'
import { overfills, type CartAction } from './cart-reducer.ts'
import type { Dialog } from './dialog.ts'
import type { Ended } from './ended.ts'
import { cartFull, noticeOf, type Notice } from './notice.ts'
import type { Order } from './order.ts'
import { checkoutInput, nextStep, sumsOf, withTypedLine, type Payment, type Sums } from './payment.ts'
import { tenderFor, withCash } from './tenders.ts'
import { useTerminal } from './terminal.tsx'
import { useCart, useFreshMember } from './use-cart.ts'
import { useCommand, type Command } from './use-command.ts'
import { useNotices } from './use-notices.ts'
import { useOrders } from './use-orders.ts'
import { useScans } from './use-scans.ts'

export type Desk = {
  cart: Cart
  /** The cart with the price being typed as a line, and its figures. */
  ringing: Cart
  sums: Sums
  notice: Notice | null
  /** What a dialog leaves room for: no more than is about what is done there. */
  passing: Notice | null
  dialog: Dialog | null
  /** What the open dialog asks for. */
  command: Command
  /** False where the cart is too full for it, which is told. */
  act: (action: CartAction) => boolean
  tell: (notice: Notice | null) => void
  /** It is answered. */
  dismiss: (notice: Notice) => void
  open: (dialog: Dialog | null) => void
  /** Takes a scan, from a scanner or the demo panel alike. */
  scan: (text: string) => void
  chooseMember: (id: MemberId) => void
  /** Card, stored value or points for what is due, or for the part typed. */
  tender: (kind: 'card' | 'storedValue' | 'points') => Promise<void>
  /** What Enter does. */
  enter: () => Promise<void>
  /** Takes this much cash, which pays or is kept as a part. */
  cash: (received: number) => Promise<void>
  /** Sends what the open dialog asks for, and shows what comes of it. */
  order: (order: Order) => Promise<Failure | null>
  /** Coupons that came back expired and have been given anew at this screen. */
  reissued: ReadonlySet<LotId>
  reissue: (ended: Ended, result: Done) => void
  reprint: (event: TransactionView['event'] | null) => Promise<void>
}

/** An Enter or a tap this soon after one that closed a dialog or a notice, or paid a part, is that one's second half. */
const QUIET_MS = 400

const saleOf = (status: Status, cart: Cart, payment: Payment): Order => {
  const input = checkoutInput(newCommand(status), cart, payment)
  return { kind: 'sale', input, total: Amount.parse(payment.total) }
}

const DeskContext = createContext<Desk | null>(null)

export function useDesk(): Desk {
  const desk = use(DeskContext)
  if (!desk) throw new Error('useDesk is for what DeskProvider holds')
  return desk
}

export function DeskProvider({ children }: { children: ReactNode }) {
  const { client, programme, alive, status } = useTerminal()
  const { t } = useTranslation()
  const { passing, shown, tell, report, dismiss } = useNotices()
  const [dialog, draw] = useState<Dialog | null>(null)
  const opened = useRef<Dialog | null>(null)
  const [reissued, setReissued] = useState<ReadonlySet<LotId>>(new Set())
  const { cart, current, act, isOwn } = useCart({ report, onOthers: () => command.isOpen() || change(null) })
  const sale = useCommand()
  const command = useCommand()
  const manualName = t('sale.manualLine')
  const quietUntilMs = useRef(0)

  const ringing = useMemo(() => withTypedLine(cart, manualName), [cart, manualName])
  const scans = useScans({
    current,
    act,
    tell,
    open: change,
    dialog: () => opened.current,
    isFree: () => current().phase === 'open' && !command.isOpen(),
  })

  function show(next: Dialog | null): void {
    opened.current = next
    draw(next)
  }

  function change(next: Dialog | null): void {
    command.forget()
    show(next)
  }

  function close(): void {
    change(null)
    rest()
  }

  function rest(): void {
    quietUntilMs.current = performance.now() + QUIET_MS
  }
  const isResting = () => performance.now() < quietUntilMs.current

  /** Once all that was scanned is there; false when some of it is not, or a sale is being paid. */
  async function isReady(): Promise<boolean> {
    const ready = current().phase === 'open' && (await scans.settled()) && current().phase === 'open'
    if (!ready || !current().awaited) return ready
    // Without its member it would be another sale.
    tell({ about: 'memberAwaited' })
    return false
  }

  async function takeCash(handed?: number): Promise<void> {
    if (isResting() || !(await isReady()) || isResting()) return
    const now = current()
    // What there is no room for is told of before anything is sold without it.
    if (now.entry === 'amount' && overfills(now, { do: 'addTyped', name: manualName })) {
      desk.act({ do: 'addTyped', name: manualName })
      return rest()
    }
    const step = nextStep(programme, now, manualName, handed)
    if (step.do === 'pay') return pay(now, step.payment)
    if (step.do !== 'partCash') return
    const cash = withCash(now.tenders, step.received).at(-1)
    if (cash) desk.act({ do: 'tender', tender: cash })
    rest()
  }

  /** Why a way to pay takes nothing, so that nobody goes on as if it had. */
  function whyNot(kind: 'card' | 'storedValue' | 'points'): Notice | null {
    const { member, lines } = current()
    if (kind !== 'card' && !member) return { about: 'refusal', refusal: { code: 'memberNeeded' } }
    if (kind !== 'card' && !member?.[kind].reachable) return { about: 'noneUsable', offline: !status.online }
    return lines.length === 0 ? { about: 'refusal', refusal: { code: 'nothingToSell' } } : null
  }

  const pay = (now: Cart, payment: Payment): Promise<void> =>
    sell(() =>
      place(sale, saleOf(status, now, payment), {
        done: (answer) => answer.kind !== 'enrol' && act({ do: 'finished', finished: answer }),
        undone: (failure) => tell(noticeOf(failure)),
      }),
    )

  async function sell(ask: () => Promise<Failure | null>): Promise<void> {
    act({ do: 'paying' })
    tell(null)
    const failure = await ask()
    if (!failure) return
    act({ do: sale.isOpen() ? 'uncertain' : 'refused' })
    if (isPutOff(failure)) act({ do: 'clear' })
  }

  const { place, order, takeUp } = useOrders({ command, current, act, tell, report, isOwn, show, close })

  const desk: Desk = {
    cart,
    ringing,
    sums: useMemo(() => sumsOf(programme, ringing), [programme, ringing]),
    notice: cart.phase === 'uncertain' && sale.failure ? { about: 'uncertain', failure: sale.failure } : shown,
    passing,
    dialog,
    command,
    tell,
    dismiss(answered) {
      if (isResting()) return
      rest()
      dismiss(answered)
    },
    reissued,
    open(next) {
      // A dialog stays for as long as it is not known what came of what it has asked for.
      if (command.isOpen()) return
      // What has ended is offered anew by what is told, which stays until the cashier has answered.
      if (next && next.kind !== 'reissue') tell(null)
      if (next) change(next)
      else close()
    },
    scan: scans.scan,
    act(action) {
      quietUntilMs.current = 0
      const full = cartFull(current(), action)
      const fits = act(action)
      tell(fits ? null : full)
      // It is not added later, nor taken for cash.
      if (!fits && action.do === 'addTyped') act({ do: 'escape' })
      return fits
    },
    chooseMember: (id) =>
      scans.inTurn(async () => {
        const outcome = await outcomeOf(client.members.get({ member: id }))
        tell(outcome.ok ? null : noticeOf(outcome))
        if (outcome.ok) act({ do: 'member', member: outcome.value })
        return outcome.ok
      }),
    async tender(kind) {
      if (!(await isReady()) || !isAmount(current())) return
      if (current().entry === 'amount' && !desk.act({ do: 'addTyped', name: manualName })) return
      const tender = tenderFor(programme, current(), kind)
      if (tender) desk.act({ do: 'tender', tender })
      else tell(whyNot(kind))
    },
    async enter() {
      if (current().phase === 'uncertain') return sell(sale.again)
      await takeCash()
    },
    cash: takeCash,
    order,
    reissue({ lots }, { member }) {
      setReissued((before) => new Set([...before, ...lots]))
      if (member) act({ do: 'refreshed', member })
      close()
    },
    async reprint(event) {
      const outcome = await outcomeOf(client.printing.reprint({ event }))
      const none = !outcome.ok && outcome.why === 'refused' && outcome.refusal.code === 'saleUnknown' && event === null
      tell(outcome.ok ? { about: 'reprinting' } : none ? { about: 'nothingToPrint' } : noticeOf(outcome))
    },
  }

  // What has no answer is asked about again, under its id, as soon as there is someone to answer.
  const askAgain = useEffectEvent(() => {
    if (current().phase === 'uncertain') void sell(sale.again)
    if (command.isOpen()) void command.again()
    else void takeUp()
  })
  const signedIn = status.staff !== null
  useEffect(() => {
    if (!alive || !signedIn) return
    const soon = setTimeout(askAgain)
    return () => clearTimeout(soon)
  }, [alive, signedIn])

  useFreshMember(cart, act)
  return <DeskContext value={desk}>{children}</DeskContext>
}
