/** Setting lines of type in one size and weight. */
import { type Bitmap, ink } from './bitmap.ts'
import { paperFont } from './paper-font.ts'
import { wrap } from './wrap.ts'

/** In parts of the type's height: from line to line, and from a line's top to its baseline. */
const LINE_HEIGHT = 1.36
const BASELINE = 1.03

/** A typesetter for type `px` dots high. */
export function typesetter(px: number, bold: boolean) {
  const font = paperFont()
  const clusters = (text: string) => font.clusters(text)
  const measure = (line: readonly string[]) =>
    line.reduce((sum, cluster) => sum + font.glyph(cluster, px, bold).advance, 0)

  /** Draws a line with its top at `top`, between the paper's left edge and `right`. */
  function draw(
    paper: Bitmap,
    line: readonly string[],
    align: 'left' | 'center' | 'right',
    top: number,
    right = paper.width,
  ) {
    const room = right - measure(line)
    let pen = align === 'left' ? 0 : align === 'right' ? room : room / 2
    const baseline = top + Math.round(px * BASELINE)
    for (const cluster of line) {
      const { advance, dots } = font.glyph(cluster, px, bold)
      const left = Math.round(pen)
      for (let at = 0; at < dots.length; at += 2) ink(paper, left + (dots[at] ?? 0), baseline + (dots[at + 1] ?? 0))
      pen += advance
    }
  }

  const lines = (text: string, width: number) => wrap(clusters(text), width, measure)

  /** No more lines than `lines` makes, but of nearly one length: what is centred looks torn otherwise. */
  function balanced(text: string, width: number): string[][] {
    const greedy = lines(text, width)
    let best = greedy
    for (let narrower = width - px; narrower > width / 2; narrower -= px) {
      const tried = lines(text, narrower)
      if (tried.length > greedy.length) break
      best = tried
    }
    return best
  }

  return {
    px,
    lineHeight: Math.round(px * LINE_HEIGHT),
    clusters,
    measure,
    lines,
    balanced,
    draw,
  }
}
