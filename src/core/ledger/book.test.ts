import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holder, lotId, otherHolder, VALUE } from '#test/support/programme.ts'
import { freeOf, heldBy, issued, redeemed, type Account } from './account.ts'
import { POINTS, type Asset } from './asset.ts'
import { balanceIn, bookOf, entriesOf, overdrawn, post, type Book } from './book.ts'
import { inverse, Transfer } from './transfer.ts'

const move = (from: Account, to: Account, amount: number, asset: Asset = POINTS): Transfer => ({
  asset,
  from,
  to,
  amount,
})
const free = freeOf(lotId(1))
const held = heldBy(lotId(1), holder)

describe('post', () => {
  it('adds up, and lets only unbounded accounts go below zero', () => {
    const book: Book = new Map()
    post(book, [move(issued(POINTS), free, 30), move(free, held, 20), move(held, redeemed(POINTS), 5)])
    expect([issued(POINTS), free, held, redeemed(POINTS)].map((account) => balanceIn(book, account, POINTS))).toEqual([
      -30, 10, 15, 5,
    ])
  })

  it('posts nothing at all when one transfer overdraws', () => {
    const book: Book = bookOf([[free, POINTS, 10]])
    expect(() => post(book, [move(issued(POINTS), held, 1), move(free, held, 11)])).toThrow('overdrawn')
    expect([...entriesOf(book)].filter(([, , amount]) => amount !== 0)).toEqual([[free, POINTS, 10]])
  })

  it('looks at each transfer in its turn', () => {
    const book: Book = bookOf([[free, POINTS, 10]])
    const out = move(free, held, 11)
    const back = move(issued(POINTS), free, 1)
    expect(overdrawn(book, [out, back])).toBe(out)
    expect(overdrawn(book, [back, out])).toBeNull()
  })

  it('keeps assets of one account apart', () => {
    const book: Book = bookOf([[free, POINTS, 10]])
    expect(balanceIn(book, free, VALUE)).toBe(0)
    expect(overdrawn(book, [move(free, held, 1, VALUE)])).not.toBeNull()
  })

  it('takes what an account pays itself for nothing moved', () => {
    expect(overdrawn(new Map(), [move(free, free, 1)])).toBeNull()
  })
})

const accounts = [free, held, heldBy(lotId(1), otherHolder), issued(POINTS), redeemed(POINTS)]
const someTransfers = fc.array(
  fc
    .record({
      from: fc.constantFrom(...accounts),
      to: fc.constantFrom(...accounts),
      amount: fc.integer({ min: 1, max: 9 }),
    })
    .map(({ from, to, amount }) => move(from, to, amount)),
)

describe('the book', () => {
  it('balances always, and is as before once undone, last first', () => {
    fc.assert(
      fc.property(someTransfers, (transfers) => {
        const book: Book = new Map()
        const done: Transfer[] = []
        for (const transfer of transfers) {
          if (overdrawn(book, [transfer])) continue
          post(book, [transfer])
          done.push(transfer)
        }
        expect([...entriesOf(book)].reduce((sum, [, , amount]) => sum + amount, 0)).toBe(0)
        post(book, inverse(done))
        expect([...entriesOf(book)].every(([, , amount]) => amount === 0)).toBe(true)
      }),
    )
  })

  it('takes whole positive amounts alone', () => {
    for (const amount of [0, -1, 1.5, 2 ** 53, Number.NaN]) {
      expect(Transfer.safeParse(move(free, held, amount)).success).toBe(false)
    }
    expect(Transfer.safeParse({ ...move(free, held, 1), note: 'x' }).success).toBe(false)
  })
})
