/** What a receipt printer is asked to do, as data, in reading order. Widths and dots are the printer's business. */

export type TextSize = 'small' | 'normal' | 'large' | 'huge'

export type PrintCommand =
  | { type: 'text'; text: string; size: TextSize; align: 'left' | 'center' | 'right'; bold: boolean }
  /** One row: `left` may wrap, `middle` and `right` never do and stand in columns from the right edge. */
  | { type: 'columns'; left: string; middle?: string; right: string; size: TextSize; bold: boolean }
  | { type: 'rule' }
  /** At least `minMm` wide, not counting the quiet zone. */
  | { type: 'qr'; text: string; minMm: number }
  /** For the shop's own scanners: Code 128 where the paper is wide enough for it, else a small QR; its text beneath. */
  | { type: 'code'; text: string }
  /** Framed, so that it cannot be overlooked. */
  | { type: 'box'; text: string }
  | { type: 'feed'; mm: number }
  | { type: 'cut' }
  | { type: 'drawer' }
