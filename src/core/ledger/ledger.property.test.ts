/** Invariants 1, 2, 3, 4, 8 and 12: a shop in memory at random, checked after every step. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkouts, commands, perform, refund, sell, type Command } from '#test/support/world/commands.ts'
import { FAULTS, type Fault } from '#test/support/world/faults.ts'
import { checkAlways, checkWords, holdings, verify } from '#test/support/world/invariants.ts'
import { World } from '#test/support/world/world.ts'
import { bookOf, entriesOf, type Book } from './book.ts'
import type { SealedEvent } from './event.ts'

/** A shop that has lived through these, checked after each of them. */
function lived(counters: number, story: readonly Command[], faults: readonly Fault[] = []): World {
  const world = new World(counters, faults)
  checkAlways(world)
  for (const command of story) {
    perform(world, command)
    checkAlways(world)
  }
  return world
}

/** The same, brought home at the end, told everything twice, and compared with what was said. */
function ended(counters: number, story: readonly Command[], faults: readonly Fault[] = []): World {
  const world = lived(counters, story, faults)
  world.bringHome()
  checkAlways(world)
  if (world.days === 0) checkWords(world)
  const before = JSON.stringify(world.server.state())
  for (const { holder, events } of world.posted) world.server.receive(holder, events)
  if (JSON.stringify(world.server.state()) !== before) throw new Error('a repeated push changed something')
  const dues = [...world.server.facts.dues.values()].flat().filter(({ amount }) => amount > 0)
  if (dues.length > 0) throw new Error('something is due from what is home')
  return world
}

const chainsOf = (world: World): SealedEvent[][] => [world.server.chain, ...world.counters.map(({ chain }) => chain)]
const howMany = fc.integer({ min: 1, max: 3 })

describe('the ledger', () => {
  it('conserves everything, overdraws nothing, applies each event once, and gives the same id the same answer', () => {
    fc.assert(
      fc.property(howMany, commands(false), (counters, story) => {
        ended(counters, story)
      }),
      { numRuns: 150 },
    )
  })

  it('does so while days pass and lots end', () => {
    fc.assert(
      fc.property(howMany, commands(true), (counters, story) => {
        ended(counters, story)
      }),
      { numRuns: 100 },
    )
  })

  it('keeps chains that verify from their first event, and in which any change is found', () => {
    const spot = fc.record({ chain: fc.nat(), event: fc.nat(), at: fc.nat(), bit: fc.nat(6) })
    const story = commands(true)
    fc.assert(
      fc.property(story, spot, (happened, { chain, event, at, bit }) => {
        const chains = chainsOf(lived(2, happened)).filter(({ length }) => length > 0)
        for (const one of chains) expect(verify(one)).toBe(true)
        const chosen = chains[chain % chains.length]!
        const n = event % chosen.length
        const bytes = Buffer.from(chosen[n]!.text)
        bytes[at % bytes.length]! ^= 1 << bit
        const changed = { ...chosen[n]!, text: bytes.toString() }
        expect(verify(chosen.with(n, changed))).toBe(false)
        expect(verify(chosen.toSpliced(n, 1))).toBe(n === chosen.length - 1)
        if (chosen.length > 1) expect(verify(chosen.toReversed())).toBe(false)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a sale and its full refund', () => {
  const filled = (book: Book) => bookOf([...entriesOf(book)].filter(([, , amount]) => amount !== 0))
  const sold = fc.record({ happened: commands(true), sale: checkouts, sent: fc.boolean(), returned: fc.boolean() })

  it('leave the member exactly as before: at once when it was not sent, and always when all is home', () => {
    let tried = 0
    fc.assert(
      fc.property(sold, ({ happened, sale, sent, returned }) => {
        const world = lived(2, happened)
        world.bringHome()
        const before = holdings(world)
        const counter = world.counter(sale.counter)
        const made = sell(world, counter, sale)
        fc.pre(made.ok)
        tried++
        if (returned) counter.returnAll(world.mint())
        if (sent) world.push(counter, 500, false)
        refund(world, counter, counter.reversible().at(-1), false)
        checkAlways(world)
        const undone = counter.chain.at(-1)!.event
        if (!sent && !returned) {
          expect(undone).toMatchObject({ kind: 'sale.refunded', body: { mode: 'own' } })
          expect(filled(counter.book)).toEqual(filled(counter.books[made.value.seq - 1]!))
        }
        world.bringHome()
        checkAlways(world)
        expect(holdings(world)).toEqual(before)
      }),
      { numRuns: 80 },
    )
    expect(tried).toBeGreaterThan(40)
  })
})

/** A property that holds whatever is done proves nothing: each rule left out must be found. */
describe.each(FAULTS)('with a planted fault: %s', (fault) => {
  it('is found', () => {
    const property = fc.property(commands(false), (story) => {
      ended(2, story, [fault])
    })
    const found = fc.check(property, { seed: 20_251_122, numRuns: 600, endOnFailure: true })
    expect(found.failed).toBe(true)
  })
})
