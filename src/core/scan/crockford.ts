/**
 * Crockford's base32 (crockford.com/base32.html): digits and capitals without I, L, O and U. Fixed width, most
 * significant character first, so that a number of n characters is always printed as n characters.
 */
export const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Letters that the alphabet leaves out, as what they look like. */
export const likeCrockford = (upper: string): string => upper.replaceAll('O', '0').replace(/[IL]/g, '1')

/** Ten characters are 50 bits: the widest that a number holds exactly. */
const MAX_WIDTH = 10

/** A whole number as `width` characters. Throws RangeError when it does not fit. */
export function encodeBase32(value: number, width: number): string {
  if (width > MAX_WIDTH || !Number.isInteger(value) || value < 0 || value >= 32 ** width) {
    throw new RangeError(`${value} does not fit ${width} base32 characters`)
  }
  let text = ''
  for (let rest = value; text.length < width; rest = Math.floor(rest / 32)) text = CROCKFORD.charAt(rest % 32) + text
  return text
}

/** The number that up to ten base32 characters stand for. Throws RangeError for anything else. */
export function decodeBase32(text: string): number {
  if (text.length > MAX_WIDTH) throw new RangeError(`more than ${MAX_WIDTH} base32 characters`)
  let value = 0
  for (const character of text) {
    const digit = CROCKFORD.indexOf(character)
    if (digit < 0) throw new RangeError(`'${character}' is not base32`)
    value = value * 32 + digit
  }
  return value
}

/** One character for each byte, from its low five bits: random bytes become an evenly random id. */
export function base32OfBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => CROCKFORD.charAt(byte & 31)).join('')
}
