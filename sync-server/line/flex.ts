/** A notice as a Flex message: a small receipt that reads the same in every chat. Pure; the words come with the notice. */
import type { FlexBox, FlexComponent, FlexMessage, FlexText } from './message.ts'

export type NoticeRow = { label: string; value: string }

/** What a notice says. Every text may come from a shop or a cashier and is cut to fit. */
export type Notice = {
  shop: string
  /** What happened: 獲得點數. */
  title: string
  /** The one figure that matters: +12 點. */
  headline: string
  /** What it came from, line by line. */
  rows: readonly NoticeRow[]
  /** Where the member stands now. */
  balances: readonly NoticeRow[]
  /** Where and when. */
  footer: string
}

const INK = '#1F2937'
const QUIET = '#4B5563'
const ACCENT = '#0F766E'
const RULE = '#E5E7EB'
const PAPER = '#F3F4F6'

const ROWS_MAX = 12
const TEXT_MAX = 120

/** The notice as one bubble with its alternative text, within LINE's limits whatever the texts are. */
export function noticeMessage(notice: Notice): FlexMessage {
  return {
    type: 'flex',
    altText: clip(`${notice.shop}｜${notice.title} ${notice.headline}`, 400),
    contents: {
      type: 'bubble',
      size: 'kilo',
      body: column('lg', [
        column('xs', [
          text(notice.shop, { size: 'xs', color: QUIET }),
          text(notice.title, { size: 'md', weight: 'bold', color: INK }),
          text(notice.headline, { size: 'xxl', weight: 'bold', color: ACCENT, wrap: true }),
        ]),
        ...section(notice.rows, (row) => pair(row, QUIET, 'regular')),
        ...section(notice.balances, (row) => pair(row, INK, 'bold')),
      ]),
      footer: {
        ...column('none', [text(notice.footer, { size: 'xxs', color: QUIET, wrap: true })]),
        backgroundColor: PAPER,
      },
    },
  }
}

function section(rows: readonly NoticeRow[], draw: (row: NoticeRow) => FlexBox): FlexComponent[] {
  if (rows.length === 0) return []
  return [{ type: 'separator', color: RULE }, column('sm', rows.slice(0, ROWS_MAX).map(draw))]
}

const column = (spacing: 'none' | 'xs' | 'sm' | 'lg', contents: FlexComponent[]): FlexBox => ({
  type: 'box',
  layout: 'vertical',
  spacing,
  contents,
})

const pair = ({ label, value }: NoticeRow, color: string, weight: 'regular' | 'bold'): FlexBox => ({
  type: 'box',
  layout: 'horizontal',
  spacing: 'md',
  contents: [
    text(label, { size: 'sm', color, weight, flex: 3, wrap: true }),
    text(value, { size: 'sm', color: INK, weight, align: 'end', flex: 2, wrap: true }),
  ],
})

const text = (content: string, look: Omit<FlexText, 'type' | 'text'>): FlexText => ({
  type: 'text',
  text: clip(content, TEXT_MAX),
  ...look,
})

/** LINE refuses an empty text and counts in UTF-16; a cut never falls inside a character. */
function clip(content: string, max: number): string {
  const clean = content.trim() || '–'
  if (clean.length <= max) return clean
  let cut = ''
  for (const character of clean) {
    if (cut.length + character.length >= max) break
    cut += character
  }
  return `${cut}…`
}
