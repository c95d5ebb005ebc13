/**
 * How names are found: by every run of two characters in them. Two-character queries are the commonest in Chinese, and a
 * single character finds names that begin with it (a family name).
 */
import { digitsOf } from './phone.ts'

const START = '^'

/** One form for names and queries: compatibility forms folded, lower case, single spaces. */
export function foldName(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim()
}

/** Fewer digits than this would find half the shop. */
export const FEWEST_DIGITS = 3

/** A query of digits, as phones are written. */
export const isDigits = (query: string): boolean => /^[\d\s+()-]+$/.test(foldName(query))

/** Whether a query says enough to look for: three digits of a phone, two characters, or a Chinese one (a family name). */
export function saysEnough(query: string): boolean {
  if (isDigits(query)) return digitsOf(query).length >= FEWEST_DIGITS
  const letters = [...foldName(query)]
  return letters.length >= 2 || letters.some((letter) => /\p{Script=Han}/u.test(letter))
}

/** The pieces a name is indexed under, or (`query`) the pieces a query must find, all of them. */
export function grams(text: string, use: 'index' | 'query' = 'index'): string[] {
  const found = new Set<string>()
  let before = START
  for (const letter of foldName(text)) {
    found.add(before + letter)
    before = letter
  }
  const pieces = [...found]
  return use === 'query' && pieces.length > 1 ? pieces.slice(1) : pieces
}
