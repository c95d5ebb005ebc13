/** Time and clocks, and the end of a business day. */
import { expireClaims } from '#server/claims/expire.ts'
import { expireLots } from '#server/jobs/expire-lots.ts'
import { allHeld } from '#main/counter/holdings.ts'
import { CLOCK_TOLERANCE_MS } from '#core/contract/request-signature.ts'
import type { World } from '#test/simulation/world.ts'
import { at, type Step, type Steps } from './step.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Points and stored value of a world run out in it (`image.ts`); stamps and most coupons last longer. */
const LONGEST_MS = 150 * DAY_MS

async function passTime(world: World, step: Step): Promise<void> {
  const begun = Date.parse('2026-03-02T09:00:00+08:00')
  const far = step.b % 6 === 0 ? (step.c % 20) * DAY_MS : 0
  const near = (1 + (step.a % 30)) * HOUR_MS
  world.clock.pass(world.clock.now() - begun + far + near < LONGEST_MS ? far + near : HOUR_MS)
  await expireLots(world.server.database, world.server.ledger, Date.now())
  await expireClaims(world.server.database, world.server.ledger, Date.now())
}

/** Closing the day hands back all stored value, with the round that follows. */
async function closeDay(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  const { sent } = await counter.screen.day.close()
  if (sent && counter.engine.sync.online()) {
    const { db, ledger } = counter.engine.counter
    const kept = (await allHeld(db, ledger.holder)).filter(({ asset }) => asset.startsWith('value:'))
    if (kept.length > 0) throw new Error(`${counter.name} keeps ${kept[0]?.amount} of stored value over night`)
  }
  if (step.b % 3 === 0) await counter.screen.day.reopen()
}

/** Someone sets the machine's clock, or it comes back from a flat battery; the server's word puts it right, and says so. */
async function wrongClock(world: World, step: Step): Promise<void> {
  const counter = at(world, step.a)
  counter.skew = counter.skew === 0 ? ((step.b % 40) - 20) * HOUR_MS : 0
  if (!(await counter.engine.sync.once()) || !counter.engine.sync.online()) return
  const told = counter.engine.clockSkew()
  if ((told !== null) !== Math.abs(counter.skew) > CLOCK_TOLERANCE_MS)
    throw new Error(`${counter.name} is ${counter.skew} ms off and says ${told}`)
}

export const DAYS: Steps = {
  passTime: { odds: 2, run: passTime },
  closeDay: { odds: 1, run: closeDay },
  wrongClock: { odds: 1, run: wrongClock },
}
