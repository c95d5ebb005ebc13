/** The paper preview: reads the very bytes a printer is sent, as a printer would, and shows the paper. */
import { type Bitmap, bytesPerRow } from './bitmap.ts'
import { encodePng } from './png.ts'

const ESC = 0x1b
const GS = 0x1d
const LF = 0x0a

/** Dots of one line feed: a sixth of an inch at 203 dpi. */
const LINE_DOTS = 34

export class PreviewError extends Error {
  /** Where in the job the byte stands that the preview does not know, or that is missing. */
  readonly offset: number

  constructor(reason: string, offset: number) {
    super(`${reason} at byte ${offset}`)
    this.offset = offset
  }
}

export type Paper = Bitmap & {
  /** Rows at which the paper was cut. */
  readonly cuts: readonly number[]
  readonly drawerKicks: number
}

/**
 * Interprets a job for a head of `widthDots`. Knows what our jobs consist of: ESC @, ESC d, ESC p, GS v 0, GS V and LF.
 * Throws `PreviewError` on anything else and on a job that ends too early.
 */
export function interpret(job: Uint8Array, widthDots: number): Paper {
  const stride = bytesPerRow(widthDots)
  const parts: Uint8Array[] = []
  const cuts: number[] = []
  let height = 0
  let drawerKicks = 0
  let at = 0

  const next = (): number => {
    const byte = job[at]
    if (byte === undefined) throw new PreviewError('the job ends too early', at)
    at++
    return byte
  }
  const unknown = (from: number) => new PreviewError('unknown command', from)
  const feed = (dots: number) => {
    parts.push(new Uint8Array(stride * dots))
    height += dots
  }
  const raster = (from: number) => {
    if (next() !== 0x30 || next() !== 0) throw unknown(from)
    const rowBytes = next() + next() * 256
    const rows = next() + next() * 256
    if (rowBytes !== stride) throw new PreviewError('a picture of another width', from)
    if (at + rowBytes * rows > job.length) throw new PreviewError('the job ends too early', job.length)
    parts.push(job.subarray(at, at + rowBytes * rows))
    at += rowBytes * rows
    height += rows
  }
  const cut = (from: number) => {
    const mode = next()
    if (mode === 0x41 || mode === 0x42) next()
    else if (mode > 1) throw unknown(from)
    cuts.push(height)
  }

  while (at < job.length) {
    const from = at
    const lead = next()
    if (lead === LF) feed(LINE_DOTS)
    else if (lead === ESC) {
      const command = next()
      if (command === 0x40) continue
      else if (command === 0x64) feed(next() * LINE_DOTS)
      else if (command === 0x70) {
        next()
        next()
        next()
        drawerKicks++
      } else throw unknown(from)
    } else if (lead === GS) {
      const command = next()
      if (command === 0x76) raster(from)
      else if (command === 0x56) cut(from)
      else throw unknown(from)
    } else throw unknown(from)
  }
  return { width: widthDots, height, rows: Buffer.concat(parts), cuts, drawerKicks }
}

/** The paper of a job as a PNG image, one pixel a dot. */
export const previewPng = (job: Uint8Array, widthDots: number): Buffer => encodePng(interpret(job, widthDots))
