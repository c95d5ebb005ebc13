/** A snapshot over HTTP: a stream of lines, handed on as bytes, which SQLite reads as they stand. */
import { pipeline } from 'node:stream'
import { createZstdDecompress } from 'node:zlib'
import { z } from 'zod'
import { SNAPSHOT_PATH, SnapshotHead } from '#core/contract/snapshot.ts'
import { SyncRow, type LotState, type MemberState } from '#core/contract/sync.ts'
import type { EpochId } from '#core/ids.ts'
import { fetchSigned, type Credentials, type Heard } from './client.ts'

/** Some rows, as the text of one JSON array in UTF-8. */
export type SnapshotPiece = { rows: number; json: Uint8Array }

export type Snapshot = {
  head: SnapshotHead
  pieces: AsyncIterable<SnapshotPiece>
  /** Instead of reading the pieces: the server need not hold them ready any longer. */
  letGo(): Promise<unknown>
}

/** Opens a snapshot of all this counter should know. Throws when the server refuses or the stream is torn. */
export async function openSnapshot(
  serverUrl: string,
  epoch: EpochId,
  credentials: Credentials,
  now: () => number,
  signal: AbortSignal,
  heard: Heard = null,
): Promise<Snapshot> {
  const request = new Request(`${serverUrl.replace(/\/$/, '')}${SNAPSHOT_PATH}?epoch=${epoch}`, {
    headers: { accept: `${ZSTD}, */*`, 'accept-encoding': 'zstd, gzip' },
  })
  const response = await fetchSigned(request, credentials, { now, heard }, signal)
  if (!response.ok || !response.body) throw new Error(`the server gave no snapshot (${response.status})`)
  const packed = response.headers.get('content-type') === ZSTD
  const lines = linesOf(packed ? unpacked(response.body) : response.body)
  const first = await lines.next()
  if (!first.value) throw new Error('the snapshot is empty')
  const end = first.value.indexOf(LINE_END)
  const head = SnapshotHead.parse(JSON.parse(first.value.toString('utf8', 0, end)))
  const pieces = piecesOf(first.value.subarray(end + 1), lines, head.rows)
  return { head, pieces, letGo: () => lines.return(undefined) }
}

/** A body that is packed by itself is unpacked here in large pieces; as a transport's encoding, 16 kB at a time. */
const ZSTD = 'application/zstd'

function unpacked(body: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  // Whoever reads is told of an error by what is read.
  return pipeline(body, createZstdDecompress({ chunkSize: PIECE }), () => undefined)
}

const LINE_END = 0x0a
const COMMA = 0x2c
const OPEN = Buffer.from('[')
const CLOSE = Buffer.from(']')
/** Bytes that are handed on at a time: enough to make little of each handing on. */
const PIECE = 262_144

/** Whole lines, many at a time. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, undefined> {
  let parts: Uint8Array[] = []
  let size = 0
  for await (const bytes of body) {
    parts.push(bytes)
    size += bytes.length
    if (size < PIECE) continue
    const all = Buffer.concat(parts)
    const end = all.lastIndexOf(LINE_END) + 1
    if (end > 0) yield all.subarray(0, end)
    parts = [all.subarray(end)]
    size = all.length - end
  }
  if (size === 0) return
  const rest = Buffer.concat(parts)
  yield rest.at(-1) === LINE_END ? rest : Buffer.concat([rest, Buffer.from([LINE_END])])
}

async function* piecesOf(
  first: Buffer,
  others: AsyncIterable<Buffer>,
  expected: number,
): AsyncGenerator<SnapshotPiece> {
  let count = 0
  const pieceOf = (lines: Buffer): SnapshotPiece => {
    const piece = arrayOf(lines)
    count += piece.rows
    return piece
  }
  if (first.length > 0) yield pieceOf(first)
  for await (const lines of others) yield pieceOf(lines)
  if (count !== expected) throw new Error(`the snapshot was cut off: ${count} of ${expected} rows`)
}

function arrayOf(lines: Buffer): SnapshotPiece {
  const rows = lines.subarray(0, -1)
  let ends = 0
  for (let at = rows.indexOf(LINE_END); at >= 0; at = rows.indexOf(LINE_END, at + 1)) {
    rows[at] = COMMA
    ends += 1
  }
  return { rows: ends + 1, json: Buffer.concat([OPEN, rows, CLOSE]) }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null
const inBulk = { seq: z.number().int().positive() }

/**
 * Members and lots come by the hundred thousand. Their envelope is parsed here; their columns are held by the STRICT tables
 * they go into, and each is parsed when it is read from there.
 */
const BulkRow = z.discriminatedUnion('kind', [
  z.object({ ...inBulk, kind: z.literal('member'), state: z.custom<MemberState>(isObject) }),
  z.object({ ...inBulk, kind: z.literal('lot'), state: z.custom<LotState>(isObject) }),
])

/** A piece's rows as objects. */
export function rowsOf({ json }: SnapshotPiece): SyncRow[] {
  const rows = z.array(z.unknown()).parse(JSON.parse(new TextDecoder().decode(json)))
  return rows.map((row) => {
    const bulk = BulkRow.safeParse(row)
    return bulk.success ? bulk.data : SyncRow.parse(row)
  })
}
