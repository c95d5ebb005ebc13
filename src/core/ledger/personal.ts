/** Personal data stands beside the events; an event holds only this salted digest of it. */
import type { Profile } from '#core/contract/sync-rows.ts'
import { sha256Hex } from './hash.ts'

/** SHA-256, in hex, over the salt, a line feed, and the profile as JSON with its keys in this order. */
export function personalDigest(salt: string, profile: Profile): string {
  const { name, phone, birthday, email, address } = profile
  return sha256Hex(`${salt}\n${JSON.stringify({ name, phone, birthday, email, address })}`)
}
