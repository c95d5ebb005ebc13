/**
 * GS1 product numbers (GS1 General Specifications, 7.9): GTIN-8, -12, -13 and -14, whose last digit is a check digit with
 * weights 3 and 1 from the right.
 */

/** The number in 13 digits (14 when its first is not 0), so that one product has one key; null if it is not a GTIN. */
export function parseGtin(text: string): string | null {
  if (!/^(\d{8}|\d{12,14})$/.test(text)) return null
  const digits = text.padStart(14, '0')
  const sum = Array.from(digits, Number).reduce((total, digit, index) => total + digit * (index % 2 === 0 ? 3 : 1), 0)
  if (sum % 10 !== 0) return null
  return digits.startsWith('0') ? digits.slice(1) : digits
}
