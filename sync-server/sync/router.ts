/** The sync contract, implemented: each procedure checks who asks, and hands on to what does the work. */
import { implement, ORPCError } from '@orpc/server'
import { z } from 'zod'
import { PROTOCOLS, syncContract, type Protocols } from '#core/contract/sync.ts'
import { WITHHELD } from '#core/contract/withheld.ts'
import { Amount, EpochId, TerminalId } from '#core/ids.ts'
import type { TerminalTable } from '#storage/server-tables.ts'
import type { Metrics } from '#server/http/metrics.ts'
import type { Signed } from '#server/http/signature.ts'
import { readCursor } from '#server/ledger/cursor.ts'
import type { ServerDatabase } from '#server/ledger/database.ts'
import type { Nudge } from '#server/ledger/nudge.ts'
import type { Ledger } from '#server/ledger/unit-of-work.ts'
import { isHeard, noteRestored, pullsAnew } from '#server/restore/restored.ts'
import { acquire } from '#server/rights/acquire.ts'
import { grantHomeShare } from '#server/rights/home-share.ts'
import { enrolTerminal } from './enrol.ts'
import type { Inbox } from './inbox.ts'
import { pullPage } from './pull.ts'
import { readPush } from './push-body.ts'
import { learnMembers } from '#server/restore/known-members.ts'
import { findTransaction } from './transaction.ts'
import { upTo } from './stream.ts'
import { whyWithheld } from './withheld.ts'

export type SyncContext = { signed: Signed | null }
export type SyncDeps = {
  database: ServerDatabase
  ledger: Ledger
  inbox: Inbox
  nudge: Nudge
  metrics: Metrics
  clock: () => number
  protocols?: Protocols
  /** How long an acquire waits for other counters to hand back. */
  recallWaitMs?: number | undefined
  /** Ends the live streams when the server stops. */
  stopping: AbortSignal
}

const { enrol: _open, ...forTerminals } = syncContract

/** What every call says, before it is looked at as a whole. */
const Asking = z.object({ epoch: EpochId })

export function syncRouter({
  database,
  ledger,
  inbox,
  nudge,
  metrics,
  clock,
  stopping,
  protocols = PROTOCOLS,
  recallWaitMs,
}: SyncDeps) {
  const served = (protocol: number) => protocol >= protocols.oldest && protocol <= protocols.newest
  const os = implement(syncContract).$context<SyncContext>()

  // Who asks is settled before what is asked is looked at.
  const signed = implement(forTerminals)
    .$context<SyncContext>()
    .$config({ initialInputValidationIndex: Number.POSITIVE_INFINITY })
    .use(({ context, errors, next }) => {
      if (!context.signed?.ok) throw errors.UNAUTHORISED({ data: refused(context, clock()) })
      return next({ context: { terminal: context.signed.terminal } })
    })
  /** Whoever is frozen, or asks under an epoch that is over, may still push and gets nothing (R11): said before all else. */
  const active = signed.use(async ({ context, errors, next }, input) => {
    const reason = await whyWithheld(database.db, context.terminal, Asking.safeParse(input).data?.epoch)
    if (reason === null) return next()
    throw errors.FROZEN({ data: { reason } })
  })

  const enrol = os.enrol.handler(async ({ input, errors }) => {
    const enrolled = await enrolTerminal(ledger, input)
    if (!enrolled.ok) throw errors.BAD_CODE({ data: { reason: enrolled.reason } })
    return { terminal: enrolled.terminal, store: enrolled.store, serverTime: clock() }
  })

  const push = signed.push.handler(async ({ input, context, errors }) => {
    const { terminal } = context
    const read = readPush(input)
    if (!read) throw new ORPCError('BAD_REQUEST', { data: { reason: 'unreadable' } })
    if (read.terminal !== terminal.id)
      throw errors.UNAUTHORISED({ data: { reason: 'badSignature', serverTime: clock() } })
    const holder = holderOf(terminal, read.epoch)
    const { events, packed, personal, known, acknowledged, more } = read
    const pushed = await inbox.receive({ holder, store: terminal.store, events, packed, personal, acknowledged, more })
    if (pushed.kind === 'gap') throw errors.GAP({ data: { expected: pushed.expected } })
    if (pushed.kind === 'forked') throw errors.FORKED({ data: { seq: pushed.seq } })
    // What a frozen counter says of others is not believed.
    if (terminal.status === 'active') await learnMembers({ database, ledger }, terminal.store, known)
    return { stored: pushed.stored, serverTime: clock() }
  })

  const pull = active.pull.handler(async ({ input, context, errors }) => {
    if (!served(input.protocol)) throw errors.UPDATE_FIRST({ data: { protocol: protocols.newest } })
    const holder = holderOf(context.terminal, input.epoch)
    if (!isHeard(context.terminal) && !(await pullsAnew(database.db, ledger, holder, input)))
      throw errors.CURSOR_UNKNOWN()
    const page = await pullPage(database, holder, input)
    if (page === 'closed') throw errors.FROZEN({ data: { reason: WITHHELD.epochClosed } })
    if (page === null) {
      await noteRestored(ledger, holder)
      throw errors.CURSOR_UNKNOWN()
    }
    metrics.add(
      'rows_pulled_total',
      page.packed.reduce((sum, { rows }) => sum + rows, page.rows.length),
    )
    return { ...page, serverTime: clock() }
  })

  const acquireRights = active.acquire.handler(async ({ input, context, errors }) => {
    if (!served(input.protocol)) throw errors.UPDATE_FIRST({ data: { protocol: protocols.newest } })
    const { terminal } = context
    const { cursor, grant, member, wants, taken } = input
    const acquired = await acquire(
      { database, ledger, inbox, nudge, waitMs: recallWaitMs },
      {
        holder: holderOf(terminal, input.epoch),
        store: terminal.store,
        cursor,
        grant,
        member,
        wants,
        taken,
      },
    )
    // To the counter this is as if nobody had answered, and the next may be.
    if (acquired === 'busy') throw new ORPCError('SERVICE_UNAVAILABLE')
    metrics.add('grants_total', 1, { result: acquired.ok ? 'granted' : 'short' })
    if (!acquired.ok) throw errors.SHORT({ data: acquired.refusal })
    const { granted, pending, rows, ack } = acquired
    return { granted, pending, rows, ack }
  })

  const share = active.share.handler(async ({ input, context, errors }) => {
    if (!served(input.protocol)) throw errors.UPDATE_FIRST({ data: { protocol: protocols.newest } })
    const { terminal } = context
    const holder = holderOf(terminal, input.epoch)
    const { members: named, assets } = input
    const members = await grantHomeShare(ledger, { holder, store: terminal.store, members: named, assets })
    return { members: Amount.parse(members ?? 0), restoring: members === null }
  })

  const transaction = active.transaction.handler(async ({ input, context, errors }) => {
    if (!served(input.protocol)) throw errors.UPDATE_FIRST({ data: { protocol: protocols.newest } })
    return findTransaction(database.db, TerminalId.parse(context.terminal.id), input.wanted)
  })

  const stream = active.stream.handler(({ signal }) =>
    upTo(
      nudge,
      async () => (await readCursor(database.db)).seq,
      signal ? AbortSignal.any([signal, stopping]) : stopping,
    ),
  )

  return os.router({ enrol, push, pull, acquire: acquireRights, transaction, share, stream })
}

const holderOf = (terminal: TerminalTable, epoch: EpochId) => ({ terminal: TerminalId.parse(terminal.id), epoch })

const refused = ({ signed }: SyncContext, serverTime: number) =>
  ({ reason: signed && !signed.ok ? signed.reason : 'unknownTerminal', serverTime }) as const
