/** QR codes and bar codes in whole dots, with their quiet zones. */
import QRCode from 'qrcode'
import { code128 } from '#core/receipt/code128.ts'
import { type Bitmap, fill } from './bitmap.ts'
import type { PrinterProfile } from './profile.ts'

/** A piece of the paper made ready: how much of it, and how to draw it from row `y` on. */
export type Block = { readonly height: number; readonly draw: (paper: Bitmap, y: number) => void }

export const EMPTY: Block = { height: 0, draw: () => {} }

/** Half a millimetre at 203 dpi: what a phone's camera wants of a module on thermal paper. */
const QR_MODULE_DOTS = 4
const QR_QUIET_MODULES = 4
/** The shop's scanner reads from near, so its own QR may be small. */
const SCANNER_QR_MM = 12

const BAR_HEIGHT_MM = 9
const BAR_QUIET_MODULES = 10

/**
 * A QR code at least `minMm` wide without its quiet zone, modules of whole dots. Only paper too narrow for that makes it
 * smaller; throws RangeError when even one dot a module does not fit, or the text fits no QR code.
 */
export function qrBlock(text: string, minMm: number, { widthDots, dotsPerMm }: PrinterProfile): Block {
  const { modules } = QRCode.create([segment(text)], { errorCorrectionLevel: 'M' })
  const wanted = Math.max(QR_MODULE_DOTS, Math.ceil((minMm * dotsPerMm) / modules.size))
  const scale = Math.min(wanted, Math.floor(widthDots / (modules.size + 2 * QR_QUIET_MODULES)))
  if (scale < 1) throw new RangeError('the paper is too narrow for this QR code')
  const quiet = QR_QUIET_MODULES * scale
  const left = Math.floor((widthDots - modules.size * scale) / 2)
  return {
    height: modules.size * scale + 2 * quiet,
    draw: (paper, y) => {
      for (let row = 0; row < modules.size; row++)
        for (let column = 0; column < modules.size; column++)
          if (modules.get(row, column)) fill(paper, left + column * scale, y + quiet + row * scale, scale, scale)
    },
  }
}

/** One segment, so that the same text is always the same picture. */
const segment = (text: string): QRCode.QRCodeSegment =>
  /^[0-9A-Z $%*+./:-]*$/.test(text)
    ? { mode: 'alphanumeric', data: text }
    : { mode: 'byte', data: Buffer.from(text, 'utf8') }

/** Code 128 with bars of at least two dots; on paper too narrow for them, a small QR. */
export function scannerCode(text: string, profile: PrinterProfile): Block {
  const widths = code128(text)
  const modules = widths.reduce((sum, width) => sum + width, 0)
  const scale = Math.min(3, Math.floor(profile.widthDots / (modules + 2 * BAR_QUIET_MODULES)))
  if (scale < 2) return qrBlock(text, SCANNER_QR_MM, profile)
  const height = Math.round(BAR_HEIGHT_MM * profile.dotsPerMm)
  return {
    height,
    draw: (paper, y) => {
      let x = Math.floor((profile.widthDots - modules * scale) / 2)
      for (const [index, width] of widths.entries()) {
        if (index % 2 === 0) fill(paper, x, y, width * scale, height)
        x += width * scale
      }
    },
  }
}
