/**
 * All that a new counter should know, in one answer of its own: too long for a call. Lines of JSON, compressed: a head; pages,
 * each a mark and the array of its rows; and a mark of the end. Members and lots come by the hundred thousand, so that a row
 * is only its values.
 */
import { z } from 'zod'
import { Ack, Cursor } from './sync.ts'
import { Owed, SyncRow } from './sync-rows.ts'

export const SnapshotHead = z.object({
  cursor: Cursor,
  ack: Ack,
  serverTime: z.number().int(),
  /** The commit that each member and lot stands under. */
  seq: z.number().int().positive(),
  /** All that is neither. */
  rows: z.array(SyncRow),
  /** By all; null from an older server. */
  owed: Owed.nullable().default(null),
})
export type SnapshotHead = z.infer<typeof SnapshotHead>

const rows = z.number().int().positive()

/** What the next line is: so many rows. At the end: how many there were in all. */
export const SnapshotMark = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['member', 'lot']), rows }),
  z.object({ kind: z.literal('end'), rows: z.number().int().min(0) }),
])

/** What a row's values are, by the ledger's columns. The last is never null, so that a row cut short is not taken for whole. */
export const PAGE_COLUMNS = {
  member: [
    'id',
    'card',
    'name',
    'phone',
    'phone_tail',
    'birthday',
    'email',
    'address',
    'tier',
    'joined_on',
    'note',
    'root',
    'blocked',
    'on_line',
    'spent',
    'recent',
  ],
  lot: ['id', 'member', 'asset', 'quantity', 'issued_at', 'expires_on', 'code', 'terms', 'free', 'held'],
} as const
export type PageKind = keyof typeof PAGE_COLUMNS

/** Columns whose value is a document of its own. */
export const DOCUMENTS: ReadonlySet<string> = new Set(['recent', 'terms', 'held'])

export const SNAPSHOT_PATH = '/sync/snapshot'
