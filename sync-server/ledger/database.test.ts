/** The server's database under readers that take their time. */
import { expect, it, onTestFinished } from 'vitest'
import { databasePlace, ENGINES } from '#test/support/server-database.ts'
import { ensureCursor } from './cursor.ts'
import { openServerDatabase, type Trx } from './database.ts'

it.each(ENGINES)(
  'goes on with its work beside any number of slow readers, who all get their turn (%s)',
  async (engine) => {
    const place = await databasePlace(engine)
    const database = await openServerDatabase(place.location)
    onTestFinished(async () => {
      await database.close()
      await place.remove()
    })
    await ensureCursor(database.db)
    const cursor = (trx: Trx) => trx.selectFrom('cursor').select('seq').executeTakeFirstOrThrow()

    let go = (): void => undefined
    const gone = new Promise<void>((resolve) => (go = resolve))
    let first = (): void => undefined
    const started = new Promise<void>((resolve) => (first = resolve))
    const slow = Array.from({ length: 20 }, () =>
      database.atOneMomentAside(async (trx) => {
        const before = await cursor(trx)
        first()
        await gone
        return before
      }),
    )
    await started
    await database.db.updateTable('cursor').set({ seq: 7 }).execute()
    expect(await database.atOneMoment(cursor)).toEqual({ seq: 7 })
    go()
    const read = await Promise.all(slow)
    expect(read).toContainEqual({ seq: 0 })
    expect(read).toHaveLength(20)
  },
)
