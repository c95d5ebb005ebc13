import { describe, expect, it } from 'vitest'
import type { EventId } from '#core/ids.ts'
import { Amount, BusinessDate, EpochId, MemberId, StaffId, TerminalId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { eventId } from '#test/support/programme.ts'
import { notesOf } from './notes.ts'
import type { Order } from './order.ts'

const terminal = TerminalId.parse('ABC123')
const member = MemberId.parse('0190a000-0000-7000-8000-000000000001')
const sent = { staff: StaffId.parse('mei'), day: BusinessDate.parse('2026-11-26'), putOff: false }
const epoch = EpochId.parse('EP0001')
const amount = Amount.parse(2_500)

const topUp = (id: EventId): Order => ({
  kind: 'topUp',
  input: { id, epoch, member, amount, tender: 'cash', received: amount },
})

function browser() {
  const kept = new Map<string, string>()
  const storage = {
    get length() {
      return kept.size
    },
    key: (index: number) => [...kept.keys()][index] ?? null,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
    removeItem: (key: string) => void kept.delete(key),
  }
  return {
    kept,
    notes: notesOf(terminal, () => storage),
    elsewhere: notesOf(TerminalId.parse('XYZ789'), () => storage),
  }
}

describe('what is noted', () => {
  it('is found again as it was, the oldest first, by its own counter alone, until it is dropped', () => {
    const { notes, elsewhere } = browser()
    for (const n of [2, 1]) notes.of({ order: topUp(eventId(n)), ...sent }).keep()
    expect(notes.all()).toEqual([1, 2].map((n) => ({ order: topUp(eventId(n)), ...sent })))
    expect(elsewhere.all()).toEqual([])
    notes.of({ order: topUp(eventId(1)), ...sent }).drop()
    expect(notes.all().map(({ order }) => order.input.id)).toEqual([eventId(2)])
  })

  it('has no PIN in it', () => {
    const { notes, kept } = browser()
    const approval = { staff: StaffId.parse('chen'), pin: '987654' }
    const by = { member, amount, note: 'x', approval }
    const orders: Order[] = [
      { kind: 'debit', input: { id: eventId(1), ...by } },
      { kind: 'adjust', input: { id: eventId(2), ...by, asset: POINTS, direction: 'grant' } },
      { kind: 'refund', input: { id: eventId(3), event: eventId(9), reason: '', approval }, total: amount },
      { kind: 'couponBack', input: { id: eventId(4), event: eventId(9), reason: '', approval }, total: amount },
    ]
    for (const order of orders) notes.of({ order, ...sent }).keep()
    expect([...kept.values()].join()).not.toContain(approval.pin)
    expect(notes.all().map(({ order }) => order)).toEqual(
      orders.map((order) => ({ ...order, input: { ...order.input, approval: null } })),
    )
  })

  it('and cannot be read any more is dropped, and nothing else', () => {
    const { notes, kept } = browser()
    notes.of({ order: topUp(eventId(1)), ...sent }).keep()
    kept.set('counterfoil:ABC123:2', '{"order":')
    kept.set('counterfoil:ABC123:3', '{"order":{"kind":"of before"}}')
    kept.set('another', 'stays')
    expect(notes.all()).toHaveLength(1)
    expect([...kept.keys()]).toEqual([`counterfoil:ABC123:${eventId(1)}`, 'another'])
  })

  it('is nothing where the browser keeps nothing, which stops no sale', () => {
    const notes = notesOf(terminal, () => {
      throw new Error('denied')
    })
    const note = notes.of({ order: topUp(eventId(1)), ...sent })
    note.keep()
    note.drop()
    expect(notes.all()).toEqual([])
  })
})
