/** Joins a shop with a one-time code; or again, once the server has been put back from a backup and forgotten this counter. */
import { safe } from '@orpc/client'
import type { Kysely } from 'kysely'
import { WITHHELD } from '#core/contract/withheld.ts'
import { EpochId } from '#core/ids.ts'
import { randomId } from '#storage/random-id.ts'
import type { CounterTables } from '#storage/schema.ts'
import { meta, type Identity } from './counter/meta.ts'
import type { Engine } from './engine.ts'
import type { KeyStore } from '#main/keys/key-store.ts'
import { keyToJoinWith } from '#main/keys/keys.ts'
import { syncClient } from './sync/client.ts'
import type { EnrolRequest, Joining } from './terminal.ts'

type Joiner = {
  db: Kysely<CounterTables>
  keyStore: KeyStore
  now: () => number
  engine(): Engine | null
  /** Starts the counter as who it is from now on. */
  start(identity: Identity): Promise<void>
  onError(error: unknown): void
}

export async function joinShop(
  { db, keyStore, now, engine, start, onError }: Joiner,
  { serverUrl, code, counter }: EnrolRequest,
): ReturnType<Joining['enrol']> {
  const known = await meta.identity.read(db)
  const forgotten = engine()?.sync.connection().frozen === WITHHELD.unknownTerminal
  if (known && !forgotten) return { ok: false, reason: 'alreadyEnrolled' }
  const key = await keyToJoinWith(keyStore)
  const epoch = known?.epoch ?? EpochId.parse(randomId(6))
  const asWho = { terminal: known?.terminal, store: known?.store }
  const request = { code, name: counter, publicKey: key.publicKey, epoch, ...asWho }
  const { error, data, isDefined } = await safe(syncClient(serverUrl, null, now).enrol(request))
  if (error) {
    if (isDefined) return { ok: false, reason: error.data.reason }
    onError(error)
    return { ok: false, reason: 'unreachable' }
  }
  if (known) {
    // A server put back from a backup has forgotten this counter; it is who it was (R12).
    if (data.terminal !== known.terminal) return { ok: false, reason: 'unknown' }
    engine()?.sync.nudge()
    return { ok: true }
  }
  const identity = { terminal: data.terminal, store: data.store, counter, serverUrl, epoch, before: null }
  await meta.identity.write(db, identity)
  await start(identity)
  return { ok: true }
}
