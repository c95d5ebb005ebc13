/** Text that people wrote. */
import { z } from 'zod'

/** At most `max` UTF-16 units. A NUL has no place in it, and PostgreSQL would take none. */
export const written = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\0]*$/)
