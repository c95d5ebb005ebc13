/** What time alone brings about: what waits or runs out is looked for every ten minutes, and the rest once a business day. */
import type { ServerDatabase } from '#server/ledger/database.ts'
import { lastToEnd, todayAt } from '#server/ledger/shop.ts'
import type { Ledger } from '#server/ledger/unit-of-work.ts'
import { isRestoring } from '#server/restore/restored.ts'
import { mergeSamePhones } from '#server/intake/merge.ts'
import { readAgain } from '#server/intake/read-again.ts'
import { settleWaiting } from '#server/intake/waiting.ts'
import { expireClaims } from '#server/claims/expire.ts'
import { expireLots } from './expire-lots.ts'
import { loop, type Loop } from './loop.ts'

const EVERY_MS = 10 * 60_000

type Deps = { database: ServerDatabase; ledger: Ledger; clock: () => number; onError: (error: unknown) => void }

export function dailyJobs({ database, ledger, clock, onError }: Deps): Loop {
  const { db } = database
  let settledDay = ''
  const settleDay = async () => {
    await settleWaiting(db, ledger)
    await expireClaims(database, ledger, clock())
    const shop = await ledger.readShop(db)
    const today = shop ? todayAt(shop, lastToEnd(shop, clock()), clock()) : ''
    if (today === settledDay || (await isRestoring(db))) return
    await mergeSamePhones(db, ledger, null)
    await expireLots(database, ledger, clock())
    await readAgain(db, ledger)
    settledDay = today
  }
  return loop(settleDay, EVERY_MS, onError)
}
