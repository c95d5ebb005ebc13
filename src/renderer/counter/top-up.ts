import type { Programme } from '#core/loyalty/programme.ts'

/** What a top-up brings on top: the bonus of the highest threshold it reaches. */
export const bonusFor = (programme: Programme, amount: number): number =>
  programme.topUp.bonuses.reduce(
    (best, { from, bonus }) => (amount >= from && from > best.from ? { from, bonus } : best),
    { from: 0, bonus: 0 },
  ).bonus
