/** Text that people wrote. */
import { z } from 'zod'

/** At most `max` characters. A NUL has no place in it, and PostgreSQL would take none. */
export const written = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\0]*$/)

/**
 * The same as it is taken from a person, before it is anywhere: half a character, which a field's limit leaves of an emoji,
 * is left out. No one wrote it, it has no UTF-8, and PostgreSQL reads no JSON that has one.
 */
export const typed = (max: number) => written(max).overwrite((text) => text.replace(/\p{Surrogate}/gu, ''))
