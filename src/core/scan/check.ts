/**
 * The check character of every code of ours: a weighted sum over a field of 2^n elements, the n-th character from the
 * right weighing x^n. As the weights differ, it finds every single wrong character and every swap of two characters, up to 31
 * (alphabet of 32) or 63 (of 64) places apart. ISO 7064 Mod 37,36 would let swaps such as 12 → 21 pass at times, and
 * prints I, L and O, which hands mistake for 1 and 0.
 */

/** The field's size is the alphabet's, and its primitive polynomial: x⁵+x²+1 for 32, x⁶+x+1 for 64. */
const POLYNOMIALS: Readonly<Record<number, number>> = { 32: 0b100101, 64: 0b1000011 }

/** The character to put behind `text`, or null when `text` is not written in the alphabet (of 32 or 64 characters). */
export function checkCharacter(text: string, alphabet: string): string | null {
  const polynomial = POLYNOMIALS[alphabet.length]
  if (polynomial === undefined) throw new RangeError('the alphabet has neither 32 nor 64 characters')
  let sum = 0
  for (const character of text) {
    const value = alphabet.indexOf(character)
    if (value < 0) return null
    const sumTimesX = (sum ^ value) << 1
    sum = sumTimesX < alphabet.length ? sumTimesX : sumTimesX ^ polynomial
  }
  return alphabet.charAt(sum)
}

/** Whether the last character of `text` is the check character of the rest. */
export function endsWithCheck(text: string, alphabet: string): boolean {
  return text.length > 1 && checkCharacter(text.slice(0, -1), alphabet) === text.slice(-1)
}
