/** A black and white picture as printers take it: rows of bits, most significant first, 1 is black, rows padded to bytes. */

export type Bitmap = { readonly width: number; readonly height: number; readonly rows: Uint8Array }

export const bytesPerRow = (width: number): number => Math.ceil(width / 8)

export const blank = (width: number, height: number): Bitmap => ({
  width,
  height,
  rows: new Uint8Array(bytesPerRow(width) * height),
})

export function isBlack({ width, height, rows }: Bitmap, x: number, y: number): boolean {
  if (x < 0 || y < 0 || x >= width || y >= height) return false
  return ((rows[y * bytesPerRow(width) + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0
}

/** Blackens one dot; a dot off the picture is ignored. */
export function ink({ width, height, rows }: Bitmap, x: number, y: number): void {
  if (x < 0 || y < 0 || x >= width || y >= height) return
  const at = y * bytesPerRow(width) + (x >> 3)
  rows[at] = (rows[at] ?? 0) | (0x80 >> (x & 7))
}

export function fill(bitmap: Bitmap, left: number, top: number, width: number, height: number): void {
  for (let y = top; y < top + height; y++) for (let x = left; x < left + width; x++) ink(bitmap, x, y)
}
