/** Joining a terminal to a store with a one-time code, made at the server's command line. Codes are kept hashed. */
import { createHash } from 'node:crypto'
import type { EpochId, StoreId, TerminalId } from '#core/ids.ts'
import { StoreId as StoreIdSchema, TerminalId as TerminalIdSchema } from '#core/ids.ts'
import { likeCrockford } from '#core/scan/crockford.ts'
import { locking, type Db } from '#server/ledger/database.ts'
import { newTerminalId, randomCrockford } from '#server/ledger/mint.ts'
import type { Ledger } from '#server/ledger/unit-of-work.ts'
import { HEARD, UNHEARD, wasRestored } from '#server/restore/restored.ts'
import { registerEpoch } from '#server/intake/chain.ts'

const CODE_LIFE_MS = 24 * 3_600_000

/** As typed by hand: capitals, no dashes or spaces, and what looks alike is alike. */
const canonical = (code: string): string => likeCrockford(code.toUpperCase().replace(/[^0-9A-Z]/g, ''))

const hashOf = (code: string): string => createHash('sha256').update(canonical(code)).digest('hex')

/** Makes a code for one terminal of a store, good for a day. Throws when there is no such store. */
export async function makeEnrolCode(db: Db, store: string, now: number): Promise<string> {
  await db
    .selectFrom('store')
    .select('id')
    .where('id', '=', store)
    .executeTakeFirstOrThrow(() => new Error(`there is no store "${store}"`))
  const code = randomCrockford(12).replace(/(.{4})(?=.)/g, '$1-')
  await db
    .insertInto('enrol_code')
    .values({ code_hash: hashOf(code), store, expires_at: now + CODE_LIFE_MS, used_by: null })
    .execute()
  return code
}

export type Enrol = {
  code: string
  name: string
  publicKey: string
  epoch: EpochId
  /** Who it says it was, and of which store. */
  terminal?: TerminalId | undefined
  store?: StoreId | undefined
}
export type Enrolled =
  | { ok: true; terminal: TerminalId; store: StoreId }
  | { ok: false; reason: 'unknown' | 'used' | 'expired' | 'otherStore' }

/** A repeated request with the same key gets the same answer: its first reply may have been lost. */
export function enrolTerminal(
  ledger: Ledger,
  { code, name, publicKey, epoch, terminal: was, store: home }: Enrol,
): Promise<Enrolled> {
  return ledger.write(null, async (unit): Promise<Enrolled> => {
    const { trx, now, dialect } = unit
    const query = trx.selectFrom('enrol_code').selectAll().where('code_hash', '=', hashOf(code))
    const row = await locking(dialect, query).executeTakeFirst()
    if (!row) return { ok: false, reason: 'unknown' }
    const store = StoreIdSchema.parse(row.store)
    const terminals = trx.selectFrom('terminal').select(['id', 'public_key', 'store'])
    const known = was && (await terminals.where('id', '=', was).executeTakeFirst())
    const itself = known?.public_key === publicKey ? known : null
    // What it has written is of its own store: under another, none of it would be in its place.
    if ((itself?.store ?? home ?? store) !== store) return { ok: false, reason: 'otherStore' }
    if (row.used_by !== null) {
      const before = await terminals.where('id', '=', row.used_by).executeTakeFirst()
      return before?.public_key === publicKey
        ? { ok: true, terminal: TerminalIdSchema.parse(before.id), store }
        : { ok: false, reason: 'used' }
    }
    if (row.expires_at < now) return { ok: false, reason: 'expired' }
    const spent = (id: TerminalId) =>
      trx.updateTable('enrol_code').set({ used_by: id }).where('code_hash', '=', row.code_hash).execute()
    if (was && itself) {
      await spent(was)
      unit.changed('terminal', was)
      return { ok: true, terminal: was, store }
    }
    const forgotten = was && !known
    const terminal = forgotten ? was : newTerminalId()
    const clean = name.replaceAll('\0', '')
    await trx
      .insertInto('terminal')
      .values({
        id: terminal,
        store,
        name: clean,
        public_key: publicKey,
        status: 'active',
        frozen_reason: null,
        epoch,
        enrolled_at: now,
        last_seen_at: now,
        // What it knows of before is no proof that the server was put back once more (R12).
        heard: forgotten && (await wasRestored(trx)) ? UNHEARD : HEARD,
      })
      .execute()
    await registerEpoch(trx, { terminal, epoch }, now)
    await spent(terminal)
    unit.changed('terminal', terminal)
    return { ok: true, terminal, store }
  })
}
