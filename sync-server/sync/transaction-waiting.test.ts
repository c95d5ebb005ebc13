/** R5: a sale whose refund waits has been refunded all the same: its money is out. */
import { v7 as uuidv7 } from 'uuid'
import { expect, it } from 'vitest'
import { MemberId } from '#core/ids.ts'
import { EVENT_VERSION } from '#core/ledger/event-version.ts'
import { refund, sell } from '#test/support/drafts.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { startServer, startServerOn } from '#test/support/sync-server.ts'
import { findTransaction } from './transaction.ts'

it.each(ENGINES)('another counter that asks is told so, while their member is not here yet (%s)', async (engine) => {
  const server = await startServer(engine, { rounds: 'byHand' })
  const [one, two, three] = [
    await SyncCounter.join(server, 'Counter 1'),
    await SyncCounter.join(server, 'Counter 2'),
    await SyncCounter.join(server, 'Counter 3'),
  ]
  // Whose enrolment is put aside, or on its way.
  const sale = sell(one, { member: MemberId.parse(uuidv7()), total: 500 })
  await one.sync()
  refund(two, sale)
  await two.sync()
  const asked = await findTransaction(server.database.db, three.holder.terminal, { event: sale.id })
  expect(asked).toMatchObject({ known: true, reversed: true })
})

it.each(ENGINES)('and while the server is too old to read that refund (%s)', async (engine) => {
  const server = await startServer(engine, { rounds: 'byHand' })
  const older = await startServerOn(server.location, { rounds: 'byHand', eventVersion: EVENT_VERSION - 1 })
  const [one, two, three] = [
    await SyncCounter.join(server, 'Counter 1'),
    await SyncCounter.join(server, 'Counter 2'),
    await SyncCounter.join(server, 'Counter 3'),
  ]
  const sale = sell(one, { total: 500 })
  for (const counter of [one, two]) await counter.sync()
  refund(two, sale)
  await two.at(older.url).push(two.bodyOf(two.unsent))
  const asked = await findTransaction(older.database.db, three.holder.terminal, { event: sale.id })
  expect(asked).toMatchObject({ reversed: true })
})
