/**
 * This counter's business day: it begins with the first sign-in or sale and is closed by a manager. One that has passed is
 * closed whether anyone did so or not.
 */
import type { Kysely } from 'kysely'
import type { BusinessDate } from '#core/ids.ts'
import type { Holder } from '#core/ledger/account.ts'
import type { CounterTables } from '#storage/schema.ts'
import { bySomebody, eventsOf } from './chain.ts'
import { meta, type DayBegun } from './meta.ts'

export type Day = {
  isOpen(): boolean
  /** The last day begun here, once it is closed. */
  closed(): BusinessDate | null
  /** Begins today, unless it has been begun already; once closed it stays so until a manager opens it again. */
  begin(): Promise<void>
  reopen(): Promise<void>
  /** Closes today; or, a little after the cut-off with nobody served since, the day that has just passed. */
  close(): Promise<void>
}

export async function openDay(db: Kysely<CounterTables>, holder: Holder, today: () => BusinessDate): Promise<Day> {
  let day = await meta.day.read(db)
  const save = async (next: DayBegun) => {
    await meta.day.write(db, next)
    day = next
  }
  const toClose = async (): Promise<BusinessDate> => {
    if (day === null) return today()
    if (day.date !== today()) return day.date
    return day.unclosed === null || (await lastServed(db, holder)) === day.date ? day.date : day.unclosed
  }
  return {
    isOpen: () => day !== null && day.date === today() && !day.closed,
    closed: () => (day?.closed ? day.date : null),
    async begin() {
      if (day?.date === today()) return
      await save({ date: today(), closed: false, unclosed: day && !day.closed ? day.date : null })
    },
    reopen: () => save({ date: today(), closed: false, unclosed: day && day.date !== today() ? day.date : null }),
    close: async () => save({ date: await toClose(), closed: true, unclosed: null }),
  }
}

/** The day of the last event that somebody here has made. */
async function lastServed(db: Kysely<CounterTables>, holder: Holder): Promise<string | undefined> {
  const served = eventsOf(db, holder).select('business_date').where(bySomebody)
  return (await served.orderBy('seq', 'desc').limit(1).executeTakeFirst())?.business_date
}
