/** The proofs find what they are there to find. */
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { POINTS } from '#core/ledger/asset.ts'
import { hashOf } from '#core/ledger/event.ts'
import { allOf, enrolMember, giveBack, grantPoints, sell } from '#test/support/drafts.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { startServer } from '#test/support/sync-server.ts'
import { faultsOf } from './prove.ts'

it('find a changed balance, lot, text, link and a missing event, and no fault in what is quarantined', async () => {
  const server = await startServer('sqlite')
  const counter = await SyncCounter.join(server)
  const { member } = enrolMember(counter)
  giveBack(counter, allOf(grantPoints(counter, member, 30)))
  const torn = sell(counter, { member, total: 100 })
  const last = counter.unsent.at(-1)
  if (last) last.text = '{'
  sell(counter, { member, total: 200 })
  await counter.sync()
  const { db } = server.database
  expect(await faultsOf(db)).toEqual([])

  const spoiled = async (statement: string): Promise<string[]> => {
    let found: string[] = []
    const undo = new Error('undo')
    const trial = db.transaction().execute(async (trx) => {
      await sql.raw(statement).execute(trx)
      found = await faultsOf(trx)
      throw undo
    })
    await expect(trial).rejects.toBe(undo)
    return found
  }
  const terminal = `terminal = '${counter.holder.terminal}'`
  expect(await spoiled(`update balance set amount = amount + 1 where account = 'issued:points'`)).toHaveLength(1)
  expect(await spoiled(`update lot set free = free + 1 where free = 30`)).toHaveLength(1)
  expect(await spoiled(`delete from lot where free = 30`)).toHaveLength(1)
  const dearer = `update event set text = replace(text, '"amount":200}', '"amount":201}') where ${terminal}`
  expect(await spoiled(dearer)).toEqual([
    expect.stringMatching(/^drawer:/),
    expect.stringMatching(/^outside:/),
    expect.stringContaining(': badHash'),
  ])
  expect(await spoiled(`update event set text = text || ' ' where seq = 2 and ${terminal}`)).toEqual([
    expect.stringContaining('at 2: badHash'),
  ])
  expect(await spoiled(`delete from event where seq = 3 and ${terminal}`)).toEqual([
    expect.stringContaining('issued:points'),
    expect.stringContaining(': gap'),
    expect.stringMatching(/^lot /),
  ])
  expect(await spoiled(`delete from quarantine where ${terminal}`)).toEqual([expect.stringContaining(': gap')])
  expect(await spoiled(`update quarantine set hash = '${'0'.repeat(64)}' where ${terminal}`)).toEqual([
    expect.stringContaining(': badLink'),
  ])
  expect(torn.seq).toBe(5)
})

it.each(ENGINES)('read what an older counter wrote, half a character and all (%s)', async (engine) => {
  const server = await startServer(engine)
  const counter = await SyncCounter.join(server)
  const { member } = enrolMember(counter)
  const body = { member, asset: POINTS, direction: 'grant' as const, amount: 1, note: 'x\ud83d' }
  counter.append({ kind: 'member.adjusted', body, lots: [], transfers: [] })
  await counter.sync()
  const { db } = server.database
  expect(await db.selectFrom('quarantine').selectAll().execute()).toEqual([])
  expect(await faultsOf(db)).toEqual([])
})

it.each(ENGINES)('meet no text that the database reads otherwise, or not at all (%s)', async (engine) => {
  const server = await startServer(engine)
  const counter = await SyncCounter.join(server)
  const pushed = (change: (text: string) => string) => {
    sell(counter, { total: 100 })
    const last = counter.unsent.at(-1)!
    last.text = change(last.text)
    last.hash = hashOf(last.text)
    counter.head = last.hash
  }
  pushed((text) => text.replace(/^\{/, '{"transfers":[],'))
  pushed((text) => text.replace(/^\{/, `{"x":${'['.repeat(30_000)}${']'.repeat(30_000)},`))
  pushed((text) => text)
  await counter.sync()
  const { db } = server.database
  const aside = await db.selectFrom('quarantine').select(['seq', 'reason']).orderBy('seq').execute()
  expect(aside).toEqual([
    { seq: 2, reason: 'unreadable' },
    { seq: 3, reason: 'unreadable' },
  ])
  expect(await faultsOf(db)).toEqual([])
})
