/** Transactions that lost a race are run again, inside the server; a counter never sees it. */
import { setTimeout as sleep } from 'node:timers/promises'

const RETRYABLE = new Set([
  '40P01', // PostgreSQL: deadlock
  '40001', // PostgreSQL: serialisation
  '23505', // PostgreSQL: someone else inserted the same key first
  '57P01', // PostgreSQL: it is being stopped
  '57P02',
  '57P03', // PostgreSQL: it is starting
  'ECONNREFUSED',
  'ECONNRESET',
  'SQLITE_BUSY',
  'SQLITE_BUSY_SNAPSHOT',
  'lotChanged',
  'mergedMeanwhile',
])
const ATTEMPTS = 6

export async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === ATTEMPTS || !isRetryable(error)) throw error
      await sleep(Math.random() * 20 * 2 ** attempt)
    }
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && RETRYABLE.has(error.code)
}
