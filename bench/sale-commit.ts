/**
 * Sale commit: all that a checkout writes, by the real counter on a real file, until it is on disk. Beside it, in turns, the
 * same rows put into a copy of the same database by hand-prepared statements in one transaction.
 */
import { pay } from '#main/counter/sales.ts'
import { checkpoint, openCounter, nobody, SALES_A_CHECKPOINT } from './support/counter.ts'
import { bareWriter } from './support/bare-sale.ts'
import { percentile, timed } from './support/figures.ts'
import { copyOf, type Ground } from './support/ground.ts'
import { random } from './support/random.ts'
import { nextSale } from './support/sales.ts'

const WARM_UP = 200

export type SaleCommit = { sales: number; p50Ms: number; p99Ms: number; bareP50Ms: number; bareP99Ms: number }

export async function measureSaleCommit(ground: Ground, sales: number): Promise<SaleCommit> {
  const { counter, storage } = await openCounter(copyOf(ground, 'counter', 'sale-real'), nobody)
  const bare = bareWriter(storage.raw, copyOf(ground, 'counter', 'sale-bare'))
  const draw = random(1)
  const real: number[] = []
  const plain: number[] = []
  for (let made = -WARM_UP; made < sales; made += 1) {
    const sale = await nextSale(counter, draw, ground.members)
    const realMs = await timed(async () => {
      const done = await pay(counter, sale)
      if (!done.ok) throw new Error(`a sale was refused: ${done.refusal.code}`)
    })
    const write = bare.prepare(sale.id)
    const plainMs = await timed(write)
    if (made % SALES_A_CHECKPOINT === 0) {
      checkpoint(storage.raw)
      checkpoint(bare.raw)
    }
    if (made < 0) continue
    real.push(realMs)
    plain.push(plainMs)
  }
  bare.close()
  await storage.close()
  return {
    sales,
    p50Ms: percentile(real, 0.5),
    p99Ms: percentile(real, 0.99),
    bareP50Ms: percentile(plain, 0.5),
    bareP99Ms: percentile(plain, 0.99),
  }
}
