/** Who works at this counter: signing in by PIN, lock-out after wrong ones, and a manager's approval. */
import type { Kysely } from 'kysely'
import type { StaffState } from '#core/contract/sync-rows.ts'
import type { SignInResult } from '#core/contract/terminal.ts'
import type { StaffView } from '#core/contract/views.ts'
import { Amount, type StaffId } from '#core/ids.ts'
import { verifyPin } from '#storage/pin.ts'
import type { CounterTables } from '#storage/schema.ts'
import { mutex } from '#main/mutex.ts'
import type { Shop } from './shop.ts'

const WRONG_ALLOWED = 5
const LOCKED_MS = 5 * 60_000

export type Session = {
  /** As the shop has them now: another role holds at once, and who has left is signed out. */
  staff(): StaffView | null
  signIn(id: StaffId, pin: string): Promise<SignInResult>
  signOut(): void
  /** Checks a PIN without signing in; wrong ones count. */
  check(id: StaffId, pin: string): Promise<SignInResult>
}

export function createSession(db: Kysely<CounterTables>, shop: () => Shop, now: () => number): Session {
  let signedIn: StaffId | null = null
  const oneAtATime = mutex()

  const check = (id: StaffId, pin: string): Promise<SignInResult> =>
    oneAtATime(async () => {
      const person = shop().staff.find((one) => one.id === id)
      if (!person) return { ok: false, reason: 'unknown', attemptsLeft: Amount.parse(0), lockedUntil: null }
      const past = await attempts(db, id)
      if (past.locked_until > now()) {
        // One that would last longer was written before the clock was set back: that gives no further tries.
        const until = Math.min(past.locked_until, now() + LOCKED_MS)
        if (until < past.locked_until) await remember(db, { ...past, locked_until: until })
        return lockedOut(until)
      }
      if (await verifyPin(pin, person.pin)) {
        await remember(db, { staff: id, failures: 0, locked_until: 0 })
        return { ok: true, staff: viewOf(person) }
      }
      const failures = (past.locked_until > 0 ? 0 : past.failures) + 1
      const lockedUntil = failures >= WRONG_ALLOWED ? now() + LOCKED_MS : 0
      await remember(db, { staff: id, failures, locked_until: lockedUntil })
      if (lockedUntil > 0) return lockedOut(lockedUntil)
      return { ok: false, reason: 'wrongPin', attemptsLeft: Amount.parse(WRONG_ALLOWED - failures), lockedUntil: null }
    })

  return {
    staff() {
      const person = shop().staff.find((one) => one.id === signedIn)
      // Who comes back has to sign in again.
      if (!person) signedIn = null
      return person ? viewOf(person) : null
    },
    check,
    async signIn(id, pin) {
      const result = await check(id, pin)
      if (result.ok) signedIn = result.staff.id
      return result
    },
    signOut: () => {
      signedIn = null
    },
  }
}

const viewOf = ({ id, name, role }: StaffState): StaffView => ({ id, name, role })

const lockedOut = (until: number): SignInResult => ({
  ok: false,
  reason: 'lockedOut',
  attemptsLeft: Amount.parse(0),
  lockedUntil: until,
})

type Attempts = CounterTables['sign_in_attempt']

async function attempts(db: Kysely<CounterTables>, staff: StaffId): Promise<Attempts> {
  const row = await db.selectFrom('sign_in_attempt').selectAll().where('staff', '=', staff).executeTakeFirst()
  return row ?? { staff, failures: 0, locked_until: 0 }
}

/** Kept on disk, so that turning the counter off and on gives no further tries. */
async function remember(db: Kysely<CounterTables>, row: Attempts): Promise<void> {
  await db
    .insertInto('sign_in_attempt')
    .values(row)
    .onConflict((conflict) => conflict.column('staff').doUpdateSet(row))
    .execute()
}
