/** Print commands → the bytes of one job for an ESC/POS printer: pictures only, so that no printer's own font is asked. */
import { printer as ThermalPrinter, types } from 'node-thermal-printer'
import type { PrintCommand } from '#core/receipt/command.ts'
import { bytesPerRow } from './bitmap.ts'
import type { PrinterProfile } from './profile.ts'
import { render } from './raster.ts'

/** ESC @ */
const INITIALIZE = Buffer.from([0x1b, 0x40])

/** ESC p 0 25 250: drawer pin 2, on for 50 ms and off for 500 ms. */
const DRAWER_KICK = Buffer.from([0x1b, 0x70, 0x00, 0x19, 0xfa])

/** GS V: feed to the cutter, then cut. Without a cutter, feed past the tear bar. */
const CUT: Record<PrinterProfile['cut'], Buffer> = {
  full: Buffer.from([0x1d, 0x56, 0x41, 0x00]),
  partial: Buffer.from([0x1d, 0x56, 0x42, 0x00]),
  none: Buffer.from([0x1b, 0x64, 0x05]),
}

/** The same commands and profile give the same bytes. */
export function encode(commands: readonly PrintCommand[], profile: PrinterProfile): Buffer {
  // The library only collects bytes here: it is given no interface, sends nothing, and lives for one job.
  const builder = new ThermalPrinter({ type: types.EPSON, interface: '' })
  builder.append(INITIALIZE)
  if (commands.some(({ type }) => type === 'drawer')) builder.append(DRAWER_KICK)
  for (const band of bands(commands, profile)) builder.append(band)
  if (commands.some(({ type }) => type === 'cut')) builder.append(CUT[profile.cut])
  return builder.getBuffer()
}

/** GS v 0, normal density, one command a band. */
function bands(commands: readonly PrintCommand[], profile: PrinterProfile): Buffer[] {
  const { width, height, rows } = render(commands, profile)
  const stride = bytesPerRow(width)
  const result: Buffer[] = []
  for (let top = 0; top < height; top += profile.bandRows) {
    const count = Math.min(profile.bandRows, height - top)
    const header = Buffer.from([0x1d, 0x76, 0x30, 0x00, stride & 0xff, stride >> 8, count & 0xff, count >> 8])
    result.push(Buffer.concat([header, rows.subarray(top * stride, (top + count) * stride)]))
  }
  return result
}
