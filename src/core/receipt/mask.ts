/** Enough of a person on paper to know one's own receipt by. */

/** 王小明 → 王○明. */
export function maskName(name: string): string {
  const letters = [...name]
  if (letters.length <= 1) return name
  const [first = '', ...rest] = letters
  const last = rest.pop() ?? ''
  return rest.length === 0 ? `${first}○` : `${first}${'○'.repeat(rest.length)}${last}`
}

/** Shows the last three digits. */
export const maskPhone = (phone: string): string => phone.replace(/\d(?=\d{3})/g, '*')
