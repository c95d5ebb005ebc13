/** A bitmap as a one-bit grey PNG (PNG specification, third edition): a few kilobytes a receipt. */
import { crc32, deflateSync } from 'node:zlib'
import { type Bitmap, bytesPerRow } from './bitmap.ts'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

export function encodePng({ width, height, rows }: Bitmap): Buffer {
  const stride = bytesPerRow(width)
  const scanlines = Buffer.alloc((stride + 1) * height)
  for (let y = 0; y < height; y++) {
    // Each scanline begins with its filter (0, none). In PNG a set bit is white.
    for (let x = 0; x < stride; x++) scanlines[y * (stride + 1) + 1 + x] = ~(rows[y * stride + x] ?? 0) & 0xff
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 1
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(scanlines)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  body.copy(framed, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}
