/** What is put aside and what waits, as the shop's keeper asks after it: a line each. */
import { sql } from 'kysely'
import type { Db } from '#server/ledger/database.ts'
import type { AsideReason } from './judge.ts'

const WORDS: Record<AsideReason | 'forked' | 'reversedBefore', string> = {
  badHash: 'its bytes are not those that were signed off',
  unreadable: 'it cannot be read',
  newerVersion: 'a newer program wrote it: it is read again once this server is updated',
  wrongPlace: 'it is not of this counter, or not of this place in its chain',
  wrongPrevious: 'it does not follow on the event before it',
  duplicateId: 'another event has its id',
  notACountersEvent: 'only the server writes such events',
  notYours: "it takes what is not its counter's, or gives where its counter may not",
  overdrawn: 'it takes more than its counter had',
  unknownLot: 'it names a lot that is not here; what a hand-back frees of others is freed',
  wrongAsset: 'it moves a lot as what it is not',
  tooLarge: 'its amount cannot be true',
  notOwnReversal: 'it does not undo exactly what it says',
  unknownGrant: 'it names a grant that its counter never got',
  grantMismatch: 'it is not the grant as it was made, or that was taken in before',
  memberExists: 'its member is enrolled already',
  cardTaken: 'its card number is taken',
  forked: "it is in the branch of a cloned or restored disk's chain",
  reversedBefore: 'what it undoes was undone before: its money moved, nothing of the member did',
}

const wordsFor: Readonly<Record<string, string>> = WORDS

/** Terminal, epoch, seq, when it came, why, and whether it has been resolved; what is open first, oldest first. */
export async function quarantineLines(db: Db): Promise<string[]> {
  const aside = db.selectFrom('quarantine').select(['terminal', 'epoch', 'seq', 'at', 'reason', 'resolved_by'])
  // These stand in the ledger; only what they mean for the member does not.
  const withheld = db
    .selectFrom('outcome')
    .innerJoin('event', 'event.id', 'outcome.event_id')
    .select(['event.terminal', 'event.epoch', 'event.seq', 'event.occurred_at as at', 'outcome.reason'])
    .select(sql<string | null>`null`.as('resolved_by'))
    .where('outcome.status', '=', 'quarantined')
  const rows = [...(await aside.execute()), ...(await withheld.execute())]
  const open = rows.filter((row) => row.resolved_by === null)
  const resolved = rows.filter((row) => row.resolved_by !== null)
  return [...open.toSorted(byTime), ...resolved.toSorted(byTime)].map(
    ({ terminal, epoch, seq, at, reason, resolved_by }) => {
      const state = resolved_by === null ? 'open' : `resolved by ${resolved_by}`
      return [terminal, epoch, seq, new Date(at).toISOString(), state, wordsFor[reason] ?? reason].join('\t')
    },
  )
}

type Placed = { terminal: string; seq: number; at: number }

const byTime = (a: Placed, b: Placed): number =>
  a.at - b.at || (a.terminal < b.terminal ? -1 : a.terminal > b.terminal ? 1 : a.seq - b.seq)

/** Terminal, epoch, seq, since when, what kind of event it is, and the id of what it waits for; oldest first. */
export async function waitingLines(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('waiting')
    .innerJoin('event', 'event.id', 'waiting.event_id')
    .select(['event.terminal', 'event.epoch', 'event.seq', 'event.kind', 'waiting.since', 'waiting.wants'])
    .orderBy('waiting.since')
    .orderBy('event.terminal')
    .orderBy('event.seq')
    .execute()
  return rows.map(({ terminal, epoch, seq, since, kind, wants }) =>
    [terminal, epoch, seq, new Date(since).toISOString(), kind, `waits for ${wants}`].join('\t'),
  )
}
