/** Personal data stands beside the events; an event holds only this salted digest of it. */
import { sha256Hex } from './hash.ts'

export type PersonalProfile = { name: string; phone: string; birthday: string | null; email: string; address: string }

/** SHA-256, in hex, over the salt, a line feed, and the profile as JSON with its keys in this order. */
export function personalDigest(salt: string, profile: PersonalProfile): string {
  const { name, phone, birthday, email, address } = profile
  return sha256Hex(`${salt}\n${JSON.stringify({ name, phone, birthday, email, address })}`)
}
