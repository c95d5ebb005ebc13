/**
 * Faults planted on purpose, to show that the simulator can fail: each changes what one statement, one disk or one screen
 * does, and must be found within so many steps. The product knows nothing of them.
 */
import Database from 'better-sqlite3'
import { sql, type Kysely } from 'kysely'
import type { World } from './world.ts'

export type Fault = {
  name: string
  /** It is found within so many steps of its seed. */
  within: number
  seed: number
  /** Only steps of these kinds, for what is rare in a whole shop's day. */
  kinds?: readonly string[]
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

/** Has a file do something more by itself. */
const triggered = <T>(db: Kysely<T>, when: string, what: string) =>
  sql.raw(`create trigger planted after ${when} begin ${what}; end`).execute(db)

const replacing = (found: string | RegExp, by: string) => (world: World) =>
  underRewriting(world, (text) => text.replace(found, by))

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
    within: 15,
    seed: 11,
    plant: replacing('set free = moved.free', 'set free = moved.free + (moved.free > 0)'),
  },
  {
    name: 'a pull skips every seventh change',
    within: 15,
    seed: 112,
    plant: replacing('from "lot" where seq >', 'from "lot" where seq % 7 <> 0 and seq >'),
  },
  {
    name: 'the server says it has an event more than it has',
    within: 15,
    seed: 13,
    plant: replacing(
      'select "head_seq", "head_hash", "status"',
      'select "head_seq" + 1 as "head_seq", "head_hash", "status"',
    ),
  },
  {
    name: 'a counter’s receipt numbers go back by one when it starts',
    within: 25,
    seed: 30,
    plant: replacing(/("receipt" is not null order by "seq" desc limit \?)/, '$1 offset 1'),
  },
  {
    name: 'a counter forgets what it has given away of its own',
    within: 15,
    seed: 15,
    plant: replacing(
      'amount = balance.amount + excluded.amount',
      'amount = max(balance.amount, balance.amount + excluded.amount)',
    ),
  },
  {
    name: 'what is due of a lot that a counter holds is not remembered',
    within: 15,
    seed: 1,
    plant: replacing(
      /^insert into "due" \("cause", "lot", "member", "asset", "amount"\) values \((\?, \?, \?, \?), \?\)/,
      'insert into "due" ("cause", "lot", "member", "asset", "amount") values ($1, 0 * ?)',
    ),
  },
  {
    name: 'a grant is never marked as accepted',
    within: 15,
    seed: 17,
    plant: replacing('update "grant_made" set "accepted" = ?', 'update "grant_made" set "accepted" = 0 * ?'),
  },
  {
    name: 'a claim that has been honoured stays open',
    within: 60,
    seed: 18,
    kinds: ['sale', 'claim', 'sync'],
    plant: replacing(
      'update "claim" set "state" = ?, "member" = ?',
      'update "claim" set "state" = coalesce("state", ?), "member" = ?',
    ),
  },
  {
    name: 'the disk keeps less than it said, when the power fails',
    within: 30,
    seed: 19,
    kinds: ['sale', 'crash', 'sync'],
    plant: async (world) => void (world.staleDisks = true),
  },
  {
    name: 'counters lend a hundred times what they may',
    within: 15,
    seed: 31,
    kinds: ['sale', 'partition'],
    plant: (world) =>
      changedProgramme(world, (text) => text.replace(/"per(Sale|Member|Day|Counter)":(\d+)/g, '"per$1":$200')),
  },
  {
    name: 'counters give twice the points',
    within: 15,
    seed: 21,
    plant: (world) => changedProgramme(world, (text) => text.replaceAll('"per":100', '"per":50')),
  },
  {
    name: 'a second tap on Pay is a second sale',
    within: 15,
    seed: 22,
    plant: async (world) => void (world.doubleTaps = true),
  },
  {
    name: 'an epoch that was closed can be closed again',
    within: 15,
    seed: 23,
    kinds: ['sale', 'sync', 'giveUp'],
    plant: replacing(
      'update "terminal_epoch" set "closed_at" = ?',
      'update "terminal_epoch" set "closed_at" = null & ?',
    ),
  },
  {
    name: 'a disk’s twin is not noticed',
    within: 25,
    seed: 24,
    kinds: ['sale', 'sync', 'twin'],
    plant: replacing('update "terminal" set "status" = ?', 'update "terminal" set "status" = coalesce("status", ?)'),
  },
  {
    name: 'a merge loses what the older had',
    within: 15,
    seed: 25,
    kinds: ['enrolTwice', 'adjust'],
    plant: async ({ server }) => {
      const forget = 'update lot set free = 0 where member = new.root'
      await triggered(server.database.db, 'update of root on member', forget)
    },
  },
  {
    name: 'a coupon that was used is there again',
    within: 20,
    seed: 26,
    kinds: ['redeem', 'sync', 'sale'],
    plant: replacing('set free = moved.free', "set free = iif(lot.asset like 'coupon:%', 1, moved.free)"),
  },
  {
    name: 'a paper in doubt is printed again without a word',
    within: 15,
    seed: 29,
    kinds: ['badPaper'],
    plant: async ({ counters }) => {
      const when = "update of state on print_job when new.state = 'doubtful' and new.attempts < 2"
      for (const { engine } of counters)
        await triggered(engine.counter.db, when, "update print_job set state = 'queued' where id = new.id")
    },
  },
  {
    name: 'a message is sent again under a new key',
    within: 60,
    seed: 29,
    kinds: ['sale', 'sync', 'notices', 'topUp', 'badPaper'],
    plant: replacing(
      /^update "outbox" set "next_at" = \?/,
      `update "outbox" set "retry_key" = substr("retry_key", 1, 35) || (("attempts" + 1) % 10), "next_at" = ?`,
    ),
  },
]
