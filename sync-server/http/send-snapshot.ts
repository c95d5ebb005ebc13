/** A snapshot on its way: its lines, packed, at the pace of whoever reads them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createGzip, createZstdCompress, constants } from 'node:zlib'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

const ZSTD = 'application/zstd'
const LINES = 'application/x-ndjson; charset=utf-8'
/** A reader that takes nothing for so long, or twice as long, is as good as gone: others wait for its place. */
const IDLE_MS = 30_000

/**
 * Streams lines, compressed lightly: as a file of its own for who asks for that, else as the transport's encoding. What
 * fails midway, or is no longer read, cuts the connection, and the counter counts its rows.
 */
export async function sendSnapshot(
  { headers }: IncomingMessage,
  response: ServerResponse,
  lines: AsyncIterable<string | Uint8Array>,
  cutOff: (error: unknown) => void,
  idleMs = IDLE_MS,
): Promise<void> {
  const zstd = String(headers['accept-encoding'] ?? '').includes('zstd')
  const file = zstd && String(headers.accept ?? '').includes(ZSTD)
  response.writeHead(200, {
    ...(file ? { 'content-type': ZSTD } : { 'content-type': LINES, 'content-encoding': zstd ? 'zstd' : 'gzip' }),
    'cache-control': 'no-store',
  })
  const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag } = constants
  const compress = zstd
    ? createZstdCompress({ params: { [ZSTD_c_compressionLevel]: 1, [ZSTD_c_checksumFlag]: 1 } })
    : createGzip({ level: 1 })
  response.setTimeout(idleMs, () => {
    // Where nothing waits to be read, it is the reader who waits for us.
    if (response.writableLength > 0) response.destroy(new Error('nobody reads it'))
  })
  try {
    await pipeline(Readable.from(lines), compress, response)
  } catch (error) {
    cutOff(error)
    response.destroy()
  }
}
