/** All that is random in a run, from its seed. */
export type Chance = {
  /** 0 ≤ n < below. */
  int(below: number): number
  pick<T>(from: readonly T[]): T
}

/** mulberry32. */
export function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function chanceOf(seed: number): Chance {
  const next = generator(seed)
  const int = (below: number) => Math.floor(next() * below)
  const pick = <T>(from: readonly T[]): T => {
    const chosen = from[int(from.length)]
    if (chosen === undefined) throw new Error('there is nothing to choose from')
    return chosen
  }
  return { int, pick }
}

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** An Ed25519 private key as a key store keeps it. */
export const seededKey = (seed: number): Buffer => {
  const next = generator(seed)
  return Buffer.concat([PKCS8, Buffer.from(Array.from({ length: 32 }, () => Math.floor(next() * 256)))])
}
