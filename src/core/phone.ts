/** Phone numbers, as they are compared and found. */

/** A number's digits; a whole one of Taiwan's alike with its country code and without. */
export const digitsOf = (text: string): string => text.replace(/\D/g, '').replace(/^886(?=\d{8,9}$)/, '0')

/** The digits from the last on, as a number is found by its tail. */
export function phoneTail(phone: string): string {
  let tail = ''
  for (const digit of digitsOf(phone)) tail = digit + tail
  return tail
}
