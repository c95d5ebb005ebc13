/** Bytes packed small, for the wire and for disk: zstd at its quickest, which makes events' texts a tenth. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

const params = { [constants.ZSTD_c_compressionLevel]: 1 }

export const pack = (bytes: Uint8Array): Uint8Array => zstdCompressSync(bytes, { params })

/** The least that Node takes. */
const LEAST_CHUNK = 64

/** Null when what comes out is not `size` bytes; no more than these are ever made. */
export function unpack(packed: Uint8Array, size: number): Buffer | null {
  // In one piece rather than many small ones: memory outside the heap is what makes collecting garbage dear.
  const chunkSize = Math.max(LEAST_CHUNK, size + 1)
  try {
    const bytes = zstdDecompressSync(packed, { maxOutputLength: Math.max(1, size), chunkSize })
    return bytes.byteLength === size ? bytes : null
  } catch {
    return null
  }
}
