/**
 * All that is random or keeps time in a run, from its seed: a generator for the run's own choices, and stand-ins for the
 * system's randomness and clock for as long as it lasts, so that a seed makes the same run to the last byte.
 */
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

export type Chance = {
  /** 0 ≤ n < below. */
  int(below: number): number
  pick<T>(from: readonly T[]): T
  /** True once in `of`. */
  once(of: number): boolean
}

/** mulberry32. */
function generator(seed: number): () => number {
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
  return { int, pick, once: (of) => int(of) === 0 }
}

export type VirtualClock = { now(): number; pass(ms: number): void }

/** Monday morning, by the shop's zone. */
const BEGINS = Date.parse('2026-03-02T09:00:00+08:00')

/** Runs `work` with the system's randomness and clock replaced; puts them back whatever happens. */
export async function underSeed<T>(seed: number, work: (clock: VirtualClock) => Promise<T>): Promise<T> {
  const next = generator(seed ^ 0x9e3779b9)
  const fill = <B extends NodeJS.ArrayBufferView>(buffer: B): B => {
    const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    for (let at = 0; at < bytes.length; at += 1) bytes[at] = Math.floor(next() * 256)
    return buffer
  }
  const real = {
    randomBytes: crypto.randomBytes,
    randomInt: crypto.randomInt,
    randomUUID: crypto.randomUUID,
    getRandomValues: globalThis.crypto.getRandomValues,
    now: Date.now,
    random: Math.random,
  }
  let at = BEGINS
  const between = (low: number, high?: number) =>
    high === undefined ? Math.floor(next() * low) : low + Math.floor(next() * (high - low))
  Object.assign(crypto, {
    randomBytes: (size: number) => fill(Buffer.alloc(size)),
    randomInt: between,
    randomUUID: () => uuidOf(fill(Buffer.alloc(16))),
  })
  syncBuiltinESMExports()
  globalThis.crypto.getRandomValues = fill as typeof globalThis.crypto.getRandomValues
  Math.random = next
  Date.now = () => at
  try {
    return await work({ now: () => at, pass: (ms) => void (at += ms) })
  } finally {
    const { now, random, getRandomValues, ...module } = real
    Object.assign(crypto, module)
    syncBuiltinESMExports()
    globalThis.crypto.getRandomValues = getRandomValues
    Date.now = now
    Math.random = random
  }
}

function uuidOf(bytes: Buffer): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** An Ed25519 private key as a key store keeps it. */
export const seededKey = (seed: number): Buffer => {
  const next = generator(seed)
  return Buffer.concat([PKCS8, Buffer.from(Array.from({ length: 32 }, () => Math.floor(next() * 256)))])
}
