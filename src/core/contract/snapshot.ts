/** All that a new counter should know, in one answer of its own: too long for a call. */
import { z } from 'zod'
import { Ack, Cursor } from './sync.ts'

/** The first line of a snapshot; each further line is one `SyncRow`: newline-delimited JSON, compressed. */
export const SnapshotHead = z.object({ cursor: Cursor, ack: Ack, rows: z.number().int(), serverTime: z.number().int() })
export type SnapshotHead = z.infer<typeof SnapshotHead>
export const SNAPSHOT_PATH = '/sync/snapshot'
