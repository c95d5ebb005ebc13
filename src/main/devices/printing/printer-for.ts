/** The printer the settings name: its paper, and the way to it. */
import type { Settings } from '#core/contract/terminal.ts'
import { PRINTER_PROFILES } from './profile.ts'
import type { Printer } from './spool.ts'
import { tcpTransport } from './transport.ts'

export function printerFor({ printer }: Settings): Printer {
  const profile = PRINTER_PROFILES.find(({ id }) => id === `escpos-${printer?.paper ?? '80mm'}`)
  if (!profile) throw new Error('a printer profile is missing')
  return { profile, transport: printer && tcpTransport({ host: printer.host, port: printer.port }) }
}
