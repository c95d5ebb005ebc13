/**
 * Faults planted on purpose, to show that the simulator can fail: each changes what one statement, one disk or one screen
 * does, and must be found within so many steps. The product knows nothing of them.
 */
import Database from 'better-sqlite3'
import type { World } from './world.ts'

export type Fault = {
  name: string
  /** It is found within so many steps of its seed. */
  within: number
  seed: number
  plant(world: World): Promise<void>
}

/** Rewrites statements as they are prepared; gives how to stop. */
function rewriting(rewrite: (text: string) => string): () => void {
  const { prepare } = Database.prototype
  Database.prototype.prepare = function (this: Database.Database, text: string) {
    return prepare.call(this, rewrite(text))
  } as typeof prepare
  return () => void (Database.prototype.prepare = prepare)
}

/** Has every file of the run do so from now on: each starts anew, and prepares its statements anew. */
async function underRewriting(world: World, rewrite: (text: string) => string): Promise<void> {
  world.cleanUp.push(rewriting(rewrite))
  await world.stopServer()
  await world.startServer()
  for (const counter of world.counters) {
    await counter.stop()
    await counter.start()
  }
}

const replacing = (found: string | RegExp, by: string) => (text: string) => text.replace(found, by)

async function changedProgramme(world: World, change: (document: string) => string): Promise<void> {
  for (const counter of world.counters) {
    const { db } = counter.engine.counter
    const { document } = await db.selectFrom('programme').select('document').executeTakeFirstOrThrow()
    await db
      .updateTable('programme')
      .set({ document: change(document) })
      .execute()
    await counter.stop()
    await counter.start()
  }
}

export const FAULTS: Fault[] = [
  {
    name: 'the server adds one too many to what a lot has free',
    within: 30,
    seed: 11,
    plant: (world) =>
      underRewriting(world, replacing('set free = moved.free', 'set free = moved.free + (moved.free > 0)')),
  },
  {
    name: 'a pull skips every seventh change',
    within: 80,
    seed: 12,
    plant: (world) => underRewriting(world, replacing(/from lot where seq >/, 'from lot where seq % 7 <> 0 and seq >')),
  },
  {
    name: 'the server says it has an event more than it has',
    within: 30,
    seed: 13,
    plant: (world) =>
      underRewriting(
        world,
        replacing('select "head_seq", "head_hash" from', 'select "head_seq" + 1 as "head_seq", "head_hash" from'),
      ),
  },
  {
    name: 'a counter’s receipt numbers go back by one when it starts',
    within: 80,
    seed: 30,
    plant: (world) =>
      underRewriting(world, replacing(/("receipt" is not null order by "seq" desc limit \?)/, '$1 offset 1')),
  },
  {
    name: 'a counter forgets what it has given away of its own',
    within: 40,
    seed: 15,
    plant: (world) =>
      underRewriting(
        world,
        replacing(
          'amount = balance.amount + excluded.amount',
          'amount = max(balance.amount, balance.amount + excluded.amount)',
        ),
      ),
  },
  {
    name: 'what is due of a lot that a counter holds is not remembered',
    within: 90,
    seed: 40,
    plant: (world) =>
      underRewriting(
        world,
        replacing(
          /^insert into "due" \("cause", "lot", "member", "asset", "amount"\) values \((\?, \?, \?, \?), \?\)/,
          'insert into "due" ("cause", "lot", "member", "asset", "amount") values ($1, 0 * ?)',
        ),
      ),
  },
  {
    name: 'a grant is never marked as accepted',
    within: 60,
    seed: 17,
    plant: (world) =>
      underRewriting(
        world,
        replacing('update "grant_made" set "accepted" = ?', 'update "grant_made" set "accepted" = 0 * ?'),
      ),
  },
  {
    name: 'a claim that has been honoured stays open',
    within: 120,
    seed: 18,
    plant: (world) =>
      underRewriting(
        world,
        replacing(
          'update "claim" set "state" = ?, "member" = ?',
          'update "claim" set "state" = coalesce("state", ?), "member" = ?',
        ),
      ),
  },
  {
    name: 'the disk keeps less than it said, when the power fails',
    within: 120,
    seed: 19,
    plant: async (world) => void (world.staleDisks = true),
  },
  {
    name: 'counters lend a hundred times what they may',
    within: 30,
    seed: 31,
    plant: (world) =>
      changedProgramme(world, (text) => text.replace(/"per(Sale|Member|Day|Counter)":(\d+)/g, '"per$1":$200')),
  },
  {
    name: 'counters give twice the points',
    within: 30,
    seed: 21,
    plant: (world) => changedProgramme(world, (text) => text.replaceAll('"per":100', '"per":50')),
  },
  {
    name: 'a second tap on Pay is a second sale',
    within: 60,
    seed: 22,
    plant: async (world) => void (world.doubleTaps = true),
  },
]
