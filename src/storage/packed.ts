/** Bytes packed small, for the wire and for disk: zstd at its quickest, which makes events' texts a tenth. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

const QUICKEST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

export const pack = (bytes: Uint8Array): Uint8Array => zstdCompressSync(bytes, QUICKEST)

/** Null when what comes out is not `size` bytes; no more than these are ever made. */
export function unpack(packed: Uint8Array, size: number): Uint8Array | null {
  try {
    const bytes = zstdDecompressSync(packed, { maxOutputLength: Math.max(1, size) })
    return bytes.byteLength === size ? bytes : null
  } catch {
    return null
  }
}
