/** What goes down with a disk: events that its cashiers were told of and that nobody else has. */
import { sql } from 'kysely'
import { openSqlite } from '#storage/open.ts'
import type { CounterTables } from '#storage/schema.ts'
import { COUNTER_FILE } from '#main/restore/put-in-place.ts'
import { join } from 'node:path'
import type { SimCounter } from './counter.ts'
import type { World } from './world.ts'

type Own = { id: string; hash: string }

const ownEvents = sql<Own>`select id, hash from event`

async function eventsIn(dir: string): Promise<Set<string>> {
  const { db, close } = openSqlite<CounterTables>(join(dir, COUNTER_FILE))
  try {
    const { rows } = await ownEvents.execute(db)
    return new Set(rows.map(({ id }) => id))
  } finally {
    await close()
  }
}

/** The machine's own events that the server does not have as such. */
async function unknownToServer(world: World, counter: SimCounter): Promise<Own[]> {
  const { rows } = await ownEvents.execute(counter.engine.counter.db)
  const there = await world.server.database.db.selectFrom('event').select('id').execute()
  const known = new Set(there.map(({ id }) => id))
  return rows.filter(({ id }) => !known.has(id))
}

/** This disk is gone; `kept` is a picture of what goes on in its place, if something does. */
export async function loseDisk(world: World, counter: SimCounter, kept: string | null = null): Promise<void> {
  const still = kept === null ? new Set<string>() : await eventsIn(kept)
  for (const { id } of await unknownToServer(world, counter)) if (!still.has(id)) world.model.gone.add(id)
}

/** What the server has of this disk as a fork's, it has under the very hash; it counts for nothing. Throws for what it lacks. */
export async function noteForked(world: World, counter: SimCounter): Promise<void> {
  const rows = await world.server.database.db
    .selectFrom('quarantine')
    .select('hash')
    .where('reason', '=', 'forked')
    .execute()
  const aside = new Set(rows.map(({ hash }) => hash))
  for (const { id, hash } of await unknownToServer(world, counter)) {
    if (aside.has(hash)) world.model.gone.add(id)
    else if (!(await unsent(counter, id))) throw new Error(`${counter.name}: forked event ${id} was not kept`)
  }
}

async function unsent(counter: SimCounter, id: string): Promise<boolean> {
  const { db } = counter.engine.counter
  const row = await db.selectFrom('event').select('epoch').where('id', '=', id).executeTakeFirstOrThrow()
  return row.epoch === counter.holder.epoch
}
