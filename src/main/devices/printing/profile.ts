/** What is known of a kind of printer. Profiles are data in resources/printer-profiles. */
import { z } from 'zod'
import narrow from '#resources/printer-profiles/escpos-58mm.json' with { type: 'json' }
import wide from '#resources/printer-profiles/escpos-80mm.json' with { type: 'json' }

export const PrinterProfile = z.object({
  id: z.string(),
  name: z.string(),
  /** What the head can print, a whole number of bytes. */
  widthDots: z.number().int().min(256).max(1024).multipleOf(8),
  dotsPerMm: z.number().positive(),
  /** Rows of one raster command; small buffers choke on more. */
  bandRows: z.number().int().min(24).max(2048),
  cut: z.enum(['partial', 'full', 'none']),
})
export type PrinterProfile = z.infer<typeof PrinterProfile>

export const PRINTER_PROFILES: readonly PrinterProfile[] = [wide, narrow].map((profile) =>
  PrinterProfile.parse(profile),
)
