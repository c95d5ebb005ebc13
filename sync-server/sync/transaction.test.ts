/** Whether the server has an event, as a counter asks that has lost its own (R11): yes, no, or that it cannot say yet. */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { EventId } from '#core/ids.ts'
import { noteRestored } from '#server/restore/restored.ts'
import { enrolMember, sell } from '#test/support/drafts.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { startServer, type TestServer } from '#test/support/sync-server.ts'
import { findTransaction } from './transaction.ts'

const EventOfText = z.object({ id: EventId })
const UNKNOWN = EventId.parse('0190a000-0000-7000-8000-000000000000')

describe.each(ENGINES)('on %s', (engine) => {
  async function start() {
    const server = await startServer(engine, { rounds: 'byHand' })
    const counter = await SyncCounter.join(server)
    await counter.sync()
    return { server, counter }
  }
  const find = ({ database }: TestServer, { holder }: SyncCounter, event = UNKNOWN) =>
    findTransaction(database.db, holder.terminal, { event })

  it('finds what it has, of whatever kind, and knows what it has not', async () => {
    const { server, counter } = await start()
    enrolMember(counter)
    const [{ text } = { text: '' }] = counter.unsent
    const { id } = EventOfText.parse(JSON.parse(text))
    expect(await find(server, counter, id)).toEqual({ text: null, reversed: false, known: false })
    await counter.sync()
    expect(await find(server, counter, id)).toEqual({ text, reversed: false, known: true })
    expect(await find(server, counter)).toMatchObject({ known: false })
  })

  it('finds what it has put aside', async () => {
    const { server, counter } = await start()
    const sale = sell(counter, { total: 100 })
    await server.database.db
      .insertInto('quarantine')
      .values({
        ...counter.holder,
        seq: 9,
        hash: 'x',
        text: JSON.stringify(sale),
        reason: 'forked',
        at: 0,
        resolved_by: null,
      })
      .execute()
    expect(await find(server, counter, sale.id)).toMatchObject({ text: JSON.stringify(sale), known: true })
  })

  it('cannot say while it has not worked out all that has come', async () => {
    const { server, counter } = await start()
    const sales = [100, 200].map((total) => sell(counter, { total }))
    await counter.client.push(counter.bodyOf(counter.unsent.slice(0, 2), { more: true }))
    const [first] = sales
    expect(await find(server, counter, first?.id)).toMatchObject({ text: null, known: null })
    await server.inbox.workOff()
    expect(await find(server, counter, first?.id)).toMatchObject({ known: true })
    expect(await find(server, counter)).toMatchObject({ known: false })
  })

  it('cannot say while it is being told what it has forgotten', async () => {
    const { server, counter } = await start()
    await noteRestored(server.ledger, null)
    expect(await find(server, counter)).toMatchObject({ known: null })
  })
})
