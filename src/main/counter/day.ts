/**
 * This counter's business day: it begins with the first sign-in or sale and is closed by a manager. One that has passed is
 * closed whether anyone did so or not.
 */
import type { Kysely } from 'kysely'
import type { BusinessDate } from '#core/ids.ts'
import type { CounterTables } from '#storage/schema.ts'
import { meta } from './meta.ts'

export type Day = {
  isOpen(): boolean
  /** Begins today, unless it has been begun already; once closed it stays so until a manager opens it again. */
  begin(): Promise<void>
  reopen(): Promise<void>
  close(): Promise<void>
}

export async function openDay(db: Kysely<CounterTables>, today: () => BusinessDate): Promise<Day> {
  let day = await meta.day.read(db)
  const save = async (next: { date: BusinessDate; closed: boolean }) => {
    await meta.day.write(db, next)
    day = next
  }
  return {
    isOpen: () => day !== null && day.date === today() && !day.closed,
    async begin() {
      if (day?.date !== today()) await save({ date: today(), closed: false })
    },
    reopen: () => save({ date: today(), closed: false }),
    close: () => save({ date: today(), closed: true }),
  }
}
