/** Ids and codes that nobody can guess. */
import { randomBytes } from 'node:crypto'
import { base32OfBytes } from '#core/scan/crockford.ts'

/** So many characters of Crockford's base32. */
export const randomId = (length: number): string => base32OfBytes(randomBytes(length))
