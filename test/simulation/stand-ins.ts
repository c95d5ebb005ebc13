/**
 * Stand-ins for the system's randomness and clock for as long as a run lasts, so that a seed makes the same run to the last
 * byte. What waits for a second or more waits for ever: the run itself decides when such a thing happens.
 */
import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { generator } from './chance.ts'

export type VirtualClock = { now(): number; pass(ms: number): void }

/** Monday morning, by the shop's zone. */
const BEGINS = Date.parse('2026-03-02T09:00:00+08:00')
const LONG_MS = 900

/** Runs `work` with the system's randomness and clock replaced; puts them back whatever happens. */
export async function underSeed<T>(seed: number, work: (clock: VirtualClock) => Promise<T>): Promise<T> {
  const next = generator(seed ^ 0x9e3779b9)
  let at = BEGINS
  const restore = [replaceCrypto(next), replaceTimers()]
  const { now } = Date
  const { random } = Math
  Math.random = next
  Date.now = () => at
  try {
    return await work({ now: () => at, pass: (ms) => void (at += ms) })
  } finally {
    Date.now = now
    Math.random = random
    for (const undo of restore) undo()
  }
}

function replaceCrypto(next: () => number): () => void {
  const { randomBytes, randomInt, randomUUID } = crypto
  const { getRandomValues } = globalThis.crypto
  const fill = <B extends NodeJS.ArrayBufferView>(buffer: B): B => {
    const bytes = new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    for (let n = 0; n < bytes.length; n += 1) bytes[n] = Math.floor(next() * 256)
    return buffer
  }
  const between = (low: number, high?: number) =>
    high === undefined ? Math.floor(next() * low) : low + Math.floor(next() * (high - low))
  Object.assign(crypto, {
    randomBytes: (size: number) => fill(Buffer.alloc(size)),
    randomInt: between,
    randomUUID: () => uuidOf(fill(Buffer.alloc(16))),
  })
  syncBuiltinESMExports()
  globalThis.crypto.getRandomValues = fill as typeof getRandomValues
  return () => {
    Object.assign(crypto, { randomBytes, randomInt, randomUUID })
    syncBuiltinESMExports()
    globalThis.crypto.getRandomValues = getRandomValues
  }
}

function replaceTimers(): () => void {
  const { setTimeout: real } = globalThis
  const { timeout } = AbortSignal
  const soon = ((work: () => void, ms = 0, ...more: unknown[]) =>
    real(ms < LONG_MS ? work : () => undefined, ms < LONG_MS ? ms : 0, ...more)) as typeof real
  globalThis.setTimeout = Object.assign(soon, real)
  AbortSignal.timeout = () => new AbortController().signal
  return () => {
    globalThis.setTimeout = real
    AbortSignal.timeout = timeout
  }
}

function uuidOf(bytes: Buffer): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
