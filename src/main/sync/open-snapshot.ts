/** A snapshot over HTTP: a stream of pages, handed on as bytes, which SQLite reads as they stand. */
import { pipeline } from 'node:stream'
import { createZstdDecompress } from 'node:zlib'
import { SNAPSHOT_PATH, SnapshotHead, SnapshotMark, type PageKind } from '#core/contract/snapshot.ts'
import type { EpochId } from '#core/ids.ts'
import { fetchSigned, type Credentials, type Heard } from './client.ts'

/**
 * So many rows, as the text of one JSON array in UTF-8: each the array of its values, by `PAGE_COLUMNS`. Its bytes are good
 * until the next page is asked for.
 */
export type SnapshotPage = { kind: PageKind; rows: number; json: Uint8Array }

export type Snapshot = {
  head: SnapshotHead
  pages: AsyncIterable<SnapshotPage>
  /** Instead of reading the pages: the server need not hold them ready any longer. */
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
  const head = SnapshotHead.parse(parsed(await next(lines)))
  return { head, pages: pagesOf(lines), letGo: () => lines.return(undefined) }
}

/** A body that is packed by itself is unpacked here in large pieces; as a transport's encoding, 16 kB at a time. */
const ZSTD = 'application/zstd'
const PIECE = 262_144

function unpacked(body: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  // Whoever reads is told of an error by what is read.
  return pipeline(body, createZstdDecompress({ chunkSize: PIECE }), () => undefined)
}

const LINE_END = 0x0a

/**
 * Whole lines, without their ends; what comes after the last end is none. Each is good until the next is asked for: those
 * that came in parts are put together in the same memory.
 */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  const begun = growing()
  for await (const bytes of body) {
    let start = 0
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, start)) {
      const last = bytes.subarray(start, end)
      yield begun.finish(last)
      start = end + 1
    }
    begun.add(bytes.subarray(start))
  }
}

function growing() {
  let memory = new Uint8Array(PIECE)
  let length = 0
  const add = (bytes: Uint8Array) => {
    if (length + bytes.length > memory.length) {
      const larger = new Uint8Array(2 * (length + bytes.length))
      larger.set(memory.subarray(0, length))
      memory = larger
    }
    memory.set(bytes, length)
    length += bytes.length
  }
  const finish = (last: Uint8Array): Uint8Array => {
    if (length === 0) return last
    add(last)
    const whole = memory.subarray(0, length)
    length = 0
    return whole
  }
  return { add, finish }
}

async function* pagesOf(lines: AsyncGenerator<Uint8Array>): AsyncGenerator<SnapshotPage> {
  let count = 0
  for (;;) {
    const { kind, rows } = SnapshotMark.parse(parsed(await next(lines, count)))
    if (kind === 'end') {
      if (rows !== count) throw new Error(`the snapshot lacks pages: ${count} of ${rows} rows`)
      break
    }
    yield { kind, rows, json: await next(lines, count) }
    count += rows
  }
  // To the last byte, which is where what was packed proves to be whole.
  if (!(await lines.next()).done) throw new Error('the snapshot goes on after its end')
}

async function next(lines: AsyncGenerator<Uint8Array>, rows = 0): Promise<Uint8Array> {
  const { value, done } = await lines.next()
  if (done) throw new Error(`the snapshot was cut off after ${rows} rows`)
  return value
}

const parsed = (json: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(json))
