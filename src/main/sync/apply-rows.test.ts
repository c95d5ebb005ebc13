/** Rows of the server in a counter's copy. */
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { StoreId } from '#core/ids.ts'
import { migrate } from '#storage/migrate.ts'
import { openSqlite } from '#storage/open.ts'
import type { CounterTables } from '#storage/schema.ts'
import { tempDir } from '#test/support/temp.ts'
import { applyRows } from './apply-rows.ts'

async function zoneAfter(...zones: string[]): Promise<string> {
  const { db, close, dialect } = openSqlite<CounterTables>(join(tempDir(), 'counter.db'))
  onTestFinished(close)
  await migrate(db, 'counter', dialect)
  for (const zone of zones) {
    const state = { id: StoreId.parse('s1'), shop: '山小屋', name: '信義店', zone, cutOffHour: 4 }
    await applyRows(db, [{ kind: 'store', seq: 1, state }])
  }
  return (await db.selectFrom('store').select('zone').executeTakeFirstOrThrow()).zone
}

it('keeps the last good zone of its store where the server names one that no clock has', async () => {
  expect(await zoneAfter('Asia/Tokyo')).toBe('Asia/Tokyo')
  expect(await zoneAfter('Asia/Tokyo', 'Asia/Tapei')).toBe('Asia/Tokyo')
  expect(await zoneAfter('Asia/Tokyo', 'Asia/Tapei', 'Asia/Taipei')).toBe('Asia/Taipei')
})

it('goes by this machine’s own where it never had a good one', async () => {
  expect(await zoneAfter('Asia/Tapei')).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone)
})
