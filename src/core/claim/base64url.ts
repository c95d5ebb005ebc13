/** base64url without padding (RFC 4648 §5), for bytes that travel in a URL. */
export const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export function toBase64Url(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const taken = bytes.subarray(at, at + 3)
    const bits = ((taken[0] ?? 0) << 16) | ((taken[1] ?? 0) << 8) | (taken[2] ?? 0)
    for (let sextet = 0; sextet <= taken.length; sextet++) text += BASE64URL.charAt((bits >> (18 - 6 * sextet)) & 63)
  }
  return text
}

/** The bytes, or null for a character outside the alphabet or for text that `toBase64Url` would not have written. */
export function fromBase64Url(text: string): Uint8Array | null {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (const character of text) {
    const value = BASE64URL.indexOf(character)
    if (value < 0) return null
    bits = ((bits << 6) | value) & 0xffff
    held += 6
    if (held >= 8) {
      held -= 8
      bytes[at++] = (bits >> held) & 0xff
    }
  }
  const leftOver = bits & ((1 << held) - 1)
  return held < 6 && leftOver === 0 ? bytes : null
}
