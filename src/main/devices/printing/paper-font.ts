/**
 * The paper's own typeface, from its npm package, so that no system font decides what a receipt looks like. Text is handled
 * as clusters: what a reader counts as one character, each a string that the typeface can draw.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createCanvas, GlobalFonts } from '@napi-rs/canvas'
import { readCoverage } from './cmap.ts'

/** Printed for what the typeface cannot draw: the compositor's mark for a missing type. */
export const MISSING = '〓'

const REGULAR = '400Regular/NotoSansTC_400Regular.ttf'
const BOLD = '700Bold/NotoSansTC_700Bold.ttf'

/** A cluster in one size and weight. */
export type Glyph = {
  /** Dots to the next glyph; not whole. */
  readonly advance: number
  /** The black dots: x and y in turn, from the pen's position on the baseline, y downwards. */
  readonly dots: Int16Array
}

export type PaperFont = {
  clusters(text: string): string[]
  glyph(cluster: string, px: number, bold: boolean): Glyph
}

let loaded: PaperFont | undefined

/** The typeface. Reading it takes some tens of milliseconds, once; each glyph is drawn once. */
export function paperFont(): PaperFont {
  loaded ??= load()
  return loaded
}

function load(): PaperFont {
  const regular = register(REGULAR, 'Counterfoil Paper')
  const bold = register(BOLD, 'Counterfoil Paper Bold')
  const covers = (codePoint: number) => regular.covers(codePoint) && bold.covers(codePoint)
  const substitutes = remember((cluster: string) => substitute(cluster, covers))
  const glyphs = remember((key: string) => {
    const [px, weight, cluster = ''] = key.split('\t')
    return drawGlyph(cluster, Number(px), weight === 'bold' ? bold.family : regular.family)
  })
  return {
    clusters: (text) =>
      Array.from(segmenter.segment(text.normalize('NFC')), ({ segment }) => substitutes(segment)).filter(Boolean),
    glyph: (cluster, px, isBold) => glyphs(`${px}\t${isBold ? 'bold' : 'regular'}\t${cluster}`),
  }
}

function register(file: string, family: string) {
  const bytes = readFileSync(createRequire(import.meta.url).resolve(`@expo-google-fonts/noto-sans-tc/${file}`))
  if (GlobalFonts.register(bytes, family) === null) throw new Error(`cannot register ${file}`)
  return { family, covers: readCoverage(bytes) }
}

function remember<Value>(make: (key: string) => Value): (key: string) => Value {
  const made = new Map<string, Value>()
  return (key) => {
    let value = made.get(key)
    if (value === undefined) made.set(key, (value = make(key)))
    return value
  }
}

const segmenter = new Intl.Segmenter('zh-TW', { granularity: 'grapheme' })

const SPACE = /^[\p{Z}\t\n\v\f\r]+$/u
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}]/gu

/** A cluster as the typeface can draw it. Variation selectors and joiners only refine; what remains must all be there. */
function substitute(cluster: string, covers: (codePoint: number) => boolean): string {
  if (SPACE.test(cluster)) return cluster === '\u3000' ? cluster : ' '
  const visible = cluster.replaceAll(INVISIBLE, '')
  const complete = Array.from(visible).every((char) => covers(char.codePointAt(0) ?? 0))
  return complete ? visible : MISSING
}

/** Darker than this is black: a little above the middle, because thermal paper loses hairlines. */
const THRESHOLD = 160

const pad = createCanvas(1, 1).getContext('2d')

function drawGlyph(cluster: string, px: number, family: string): Glyph {
  const font = `${px}px "${family}"`
  pad.font = font
  const { width: advance } = pad.measureText(cluster)
  const margin = Math.ceil(px / 2)
  const width = Math.ceil(advance) + 2 * margin
  const height = 2 * px
  const baseline = Math.round(px * 1.25)
  // Setting a size clears the canvas and its state, white and the font included.
  pad.canvas.width = width
  pad.canvas.height = height
  pad.fillStyle = '#fff'
  pad.fillRect(0, 0, width, height)
  pad.fillStyle = '#000'
  pad.font = font
  pad.lang = 'zh-Hant'
  pad.fillText(cluster, margin, baseline)
  const { data } = pad.getImageData(0, 0, width, height)
  const dots: number[] = []
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if ((data[(y * width + x) * 4] ?? 255) < THRESHOLD) dots.push(x - margin, y - baseline)
  return { advance, dots: Int16Array.from(dots) }
}
