/** What the command line's `quarantine` and `waiting` say. */
import { describe, expect, it } from 'vitest'
import { readEvent } from '#core/ledger/event.ts'
import { EVENT_VERSION } from '#core/ledger/event-version.ts'
import { enrolMember, refund, sell } from '#test/support/drafts.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { startServer, startServerOn } from '#test/support/sync-server.ts'
import { quarantineLines, waitingLines } from './aside-lines.ts'
import { readAgain } from './read-again.ts'

describe.each(ENGINES)('on %s', (engine) => {
  it('lists whose, when and why; what is open first, and what waits', async () => {
    const server = await startServer(engine, { rounds: 'byHand' })
    const older = await startServerOn(server.location, { rounds: 'byHand', eventVersion: EVENT_VERSION - 1 })
    const { db } = server.database
    const counter = await SyncCounter.join(server)
    await counter.sync()
    const { member } = enrolMember(counter)
    const unread = counter.unsent[0]!
    await counter.at(older.url).push(counter.bodyOf(counter.unsent))
    counter.unsent = []
    const sale = sell(counter, { total: 100 })
    sell(counter, { total: 200 })
    const torn = counter.unsent.at(-1)!
    torn.text = torn.text.slice(0, -20)
    refund(counter, sale)
    refund(counter, sale)
    sell(counter, { member, total: 300 })
    await counter.sync()

    const { terminal, epoch } = counter.holder
    const at = '2025-11-22T04:00:00.000Z'
    const line = (seq: number, state: string, words: string) => [terminal, epoch, seq, at, state, words].join('\t')
    const newer = 'a newer program wrote it: it is read again once this server is updated'
    expect(await quarantineLines(db)).toEqual([
      line(2, 'open', newer),
      line(4, 'open', 'its bytes are not those that were signed off'),
      line(6, 'open', 'what it undoes was undone before: its money moved, nothing of the member did'),
    ])
    expect(await waitingLines(db)).toEqual([line(7, 'sale.completed', `waits for ${member}`)])

    await readAgain(db, server.ledger)
    const read = readEvent(unread.text)
    const id = read.ok ? read.event.id : ''
    expect((await quarantineLines(db)).at(-1)).toBe(line(2, `resolved by ${id}`, newer))
    expect(await waitingLines(db)).toEqual([])
  })
})
