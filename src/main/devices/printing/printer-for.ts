/** The printer the settings name: its paper, and the way to it. */
import type { Settings } from '#core/contract/terminal.ts'
import { PRINTER_PROFILES } from './profile.ts'
import type { Printer } from './spool.ts'
import { type PrinterTransport, tcpTransport } from './transport.ts'

/** Finds printers. The way to one knows what is still on it, so each address keeps its own, whatever is set in between. */
export function printerFinder(): (settings: Settings) => Printer {
  const ways = new Map<string, PrinterTransport>()
  const wayTo = ({ host, port }: NonNullable<Settings['printer']>): PrinterTransport => {
    const address = `${host}:${port}`
    const way = ways.get(address) ?? tcpTransport({ host, port })
    ways.set(address, way)
    return way
  }
  return ({ printer }) => {
    const profile = PRINTER_PROFILES.find(({ id }) => id === `escpos-${printer?.paper ?? '80mm'}`)
    if (!profile) throw new Error('a printer profile is missing')
    return { profile, transport: printer && wayTo(printer) }
  }
}
