/** Print commands → one black and white picture, as wide as the printer's head. */
import type { PrintCommand, TextSize } from '#core/receipt/command.ts'
import { type Bitmap, blank, fill } from './bitmap.ts'
import { type Block, EMPTY, qrBlock, scannerCode } from './code-block.ts'
import { typesetter } from './typesetter.ts'
import type { PrinterProfile } from './profile.ts'

type Command<Type extends PrintCommand['type']> = Extract<PrintCommand, { type: Type }>

/** Draws all that is drawn, one below the other; the drawer and the cut are not. */
export function render(commands: readonly PrintCommand[], profile: PrinterProfile): Bitmap {
  const blocks = commands.map((command) => block(command, profile))
  const paper = blank(
    profile.widthDots,
    blocks.reduce((sum, { height }) => sum + height, 0),
  )
  let y = 0
  for (const { height, draw } of blocks) {
    draw(paper, y)
    y += height
  }
  return paper
}

function block(command: PrintCommand, profile: PrinterProfile): Block {
  switch (command.type) {
    case 'text':
      return textBlock(command, profile)
    case 'columns':
      return columnsBlock(command, profile)
    case 'box':
      return boxBlock(command, profile)
    case 'rule':
      return ruleBlock(profile)
    case 'qr':
      return qrBlock(command.text, command.minMm, profile)
    case 'code':
      return withText(scannerCode(command.text, profile), command.text, profile)
    case 'feed':
      return { ...EMPTY, height: Math.round(command.mm * profile.dotsPerMm) }
    case 'cut':
    case 'drawer':
      return EMPTY
  }
}

/** Heights of type in dots. Narrow paper takes smaller type. */
const sizeOf = (size: TextSize, { widthDots }: PrinterProfile): number =>
  (widthDots < 512 ? { small: 20, normal: 24, large: 32, huge: 38 } : { small: 22, normal: 26, large: 40, huge: 46 })[
    size
  ]

const setIn = (size: TextSize, bold: boolean, profile: PrinterProfile) => typesetter(sizeOf(size, profile), bold)

function textBlock({ text, size, align, bold }: Command<'text'>, profile: PrinterProfile): Block {
  const set = setIn(size, bold, profile)
  const lines = align === 'center' ? set.balanced(text, profile.widthDots) : set.lines(text, profile.widthDots)
  return {
    height: lines.length * set.lineHeight,
    draw: (paper, y) => lines.forEach((line, index) => set.draw(paper, line, align, y + index * set.lineHeight)),
  }
}

/** Amounts stand in at least this part of the paper, so that the middle column has one edge on all lines. */
const AMOUNT_COLUMN = 0.2

/**
 * Left, middle and right on one line where they fit. Otherwise the left wraps beside the right; or, when there is a middle
 * or too little room, it takes lines of its own and the figures stand on a line below.
 */
function columnsBlock({ left, middle = '', right, size, bold }: Command<'columns'>, profile: PrinterProfile): Block {
  const set = setIn(size, bold, profile)
  const width = profile.widthDots
  const gap = set.px
  const [name, detail, amount] = [set.clusters(left), set.clusters(middle), set.clusters(right)]
  const detailEdge = Math.round(width - Math.max(set.measure(amount) + gap, AMOUNT_COLUMN * width))
  const room = (detail.length > 0 ? detailEdge - set.measure(detail) : width - set.measure(amount)) - gap
  const below = set.measure(name) > room && (detail.length > 0 || room < width / 2)
  const lines = set.lines(left, below ? width : room)
  const figuresLine = below ? lines.length : 0
  return {
    height: (lines.length + (below ? 1 : 0)) * set.lineHeight,
    draw: (paper, y) => {
      lines.forEach((line, index) => set.draw(paper, line, 'left', y + index * set.lineHeight))
      set.draw(paper, detail, 'right', y + figuresLine * set.lineHeight, detailEdge)
      set.draw(paper, amount, 'right', y + figuresLine * set.lineHeight)
    },
  }
}

function boxBlock({ text }: Command<'box'>, profile: PrinterProfile): Block {
  const set = setIn('large', true, profile)
  const width = profile.widthDots
  const frame = 4
  const inset = frame + Math.round(profile.dotsPerMm)
  const lines = set.balanced(text, width - 2 * inset)
  const height = lines.length * set.lineHeight + 2 * inset
  return {
    height,
    draw: (paper, y) => {
      fill(paper, 0, y, width, frame)
      fill(paper, 0, y + height - frame, width, frame)
      fill(paper, 0, y, frame, height)
      fill(paper, width - frame, y, frame, height)
      lines.forEach((line, index) => set.draw(paper, line, 'center', y + inset + index * set.lineHeight))
    },
  }
}

function ruleBlock({ widthDots, dotsPerMm }: PrinterProfile): Block {
  const space = Math.round(dotsPerMm * 1.25)
  return {
    height: space * 2 + 2,
    draw: (paper, y) => {
      for (let x = 0; x < widthDots; x += 8) fill(paper, x, y + space, 5, 2)
    },
  }
}

function withText(above: Block, text: string, profile: PrinterProfile): Block {
  const below = textBlock({ type: 'text', text, size: 'small', align: 'center', bold: false }, profile)
  return {
    height: above.height + below.height,
    draw: (paper, y) => {
      above.draw(paper, y)
      below.draw(paper, y + above.height)
    },
  }
}
