/**
 * A second opinion that shares no rule with the product: what each member must have, worked out only from what cashiers and
 * members were told. Amounts that a store has lent and amounts owed stand in for each other.
 */
export type Told = { member: string; asset: 'points' | 'value'; change: number; why: string }

/** Points for a sale by tier, as the demo shop's poster says: one for every 100 paid, two for silver, three for gold. */
const RATE: Record<string, number> = { regular: 1, silver: 2, gold: 3 }
export const pointsFor = (tier: string, paid: number): number => Math.floor(paid / 100) * (RATE[tier] ?? Number.NaN)

/** What is added to a top-up. */
export const bonusFor = (amount: number): number => (amount >= 5_000 ? 500 : amount >= 3_000 ? 200 : 50)

export class Model {
  readonly due = new Map<string, number>()
  readonly told: Told[] = []
  /** Every event told to be done, by its id, with the receipt it printed. */
  readonly done = new Map<string, { terminal: string; receipt: string | null }>()
  readonly claimed = new Map<string, string>()

  tell(member: string, asset: Told['asset'], change: number, why: string): void {
    if (change === 0) return
    const key = `${member} ${asset}`
    this.due.set(key, (this.due.get(key) ?? 0) + change)
    this.told.push({ member, asset, change, why })
  }

  of(member: string, asset: Told['asset']): number {
    return this.due.get(`${member} ${asset}`) ?? 0
  }

  /** Throws when an event or a receipt number was told before. */
  did(event: string, terminal: string, receipt: string | null): void {
    if (this.done.has(event)) throw new Error(`event ${event} was told as done twice, as two different commands`)
    if (receipt !== null && [...this.done.values()].some((one) => one.receipt === receipt))
      throw new Error(`receipt ${receipt} was given twice`)
    this.done.set(event, { terminal, receipt })
  }
}
