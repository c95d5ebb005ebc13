/** Breaking text into lines: Chinese between any two characters, other scripts at spaces, long words where they must. */

/** No line begins with these, … */
const CLOSING = /^[，。、！？：；）」』】》〉…％,.!?:;)\]}%]$/u
/** … and none ends with these. */
const OPENING = /^[（「『【《〈([{]$/u
/** Scripts written without spaces between words, and full-width forms. */
const UNSPACED = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\u3000-\u303f\uff00-\uffef]/u

/** Lines no wider than `width` by `measure`, without spaces at their ends. Always at least one, perhaps empty. */
export function wrap(
  clusters: readonly string[],
  width: number,
  measure: (clusters: readonly string[]) => number,
): string[][] {
  const lines: string[][] = []
  let line: string[] = []
  const finish = () => {
    const trimmed = trimEnd(line)
    if (trimmed.length > 0) lines.push(trimmed)
    line = []
  }
  for (const unit of units(clusters)) {
    if (measure(trimEnd([...line, ...unit])) > width) finish()
    for (const cluster of unit) {
      if (cluster === ' ' && line.length === 0) continue
      if (line.length > 0 && measure(trimEnd([...line, cluster])) > width) finish()
      line.push(cluster)
    }
  }
  finish()
  return lines.length === 0 ? [[]] : lines
}

/** The pieces that stay whole: a word with the space after it, or a character with the punctuation that clings to it. */
function units(clusters: readonly string[]): string[][] {
  const pieces: string[][] = []
  let previous: string | undefined
  for (const cluster of clusters) {
    if (previous !== undefined && clings(previous, cluster)) pieces.at(-1)?.push(cluster)
    else pieces.push([cluster])
    previous = cluster
  }
  return pieces
}

function clings(previous: string, next: string): boolean {
  if (CLOSING.test(next) || OPENING.test(previous) || next === ' ') return true
  return previous !== ' ' && !UNSPACED.test(previous) && !UNSPACED.test(next)
}

function trimEnd(line: readonly string[]): string[] {
  let end = line.length
  while (end > 0 && line[end - 1] === ' ') end--
  return line.slice(0, end)
}
