/** Pushing one message to one LINE user, and what LINE's answer means for the next attempt. */
import { HTTPFetchError, messagingApi } from '@line/bot-sdk'
import { parseJson } from '#server/json.ts'
import type { LineMessages } from './message.ts'

export type PushOutcome =
  /** LINE has it, now or from an attempt before. Whether the member sees it is not said. */
  | { kind: 'accepted' }
  /** Nobody knows whether LINE has it, or LINE is in trouble: the same retry key may try again. */
  | { kind: 'retry'; reason: string }
  /** LINE did not take it and will take no other either, for now. */
  | { kind: 'limited'; reason: 'rate' | 'quota' }
  /** LINE will never take it. */
  | { kind: 'refused'; reason: string }

export type LineClient = { push(to: string, messages: LineMessages, retryKey: string): Promise<PushOutcome> }

/** A client of the shop's Messaging API channel. The SDK has no timeout of its own; `timeoutMs` bounds every call. */
export function lineClient(options: { accessToken: string; baseUrl: string; timeoutMs: number }): LineClient {
  const api = new messagingApi.MessagingApiClient({
    channelAccessToken: options.accessToken,
    baseURL: options.baseUrl,
  })

  const quotaIsUsedUp = async (): Promise<boolean> => {
    const [quota, used] = await within(
      options.timeoutMs,
      Promise.all([api.getMessageQuota(), api.getMessageQuotaConsumption()]),
    )
    return quota.type === 'limited' && quota.value !== undefined && used.totalUsage >= quota.value
  }

  return {
    push: async (to, messages, retryKey) => {
      try {
        await within(options.timeoutMs, api.pushMessageWithHttpInfo({ to, messages }, retryKey))
        return { kind: 'accepted' }
      } catch (error) {
        if (!(error instanceof HTTPFetchError)) return { kind: 'retry', reason: reasonOf(error) }
        if (error.status === 409) return { kind: 'accepted' }
        if (error.status === 429) {
          const usedUp = await quotaIsUsedUp().catch(() => false)
          return { kind: 'limited', reason: usedUp ? 'quota' : 'rate' }
        }
        if (error.status >= 500) return { kind: 'retry', reason: `http ${error.status}` }
        return { kind: 'refused', reason: `http ${error.status}: ${messageIn(error.body)}` }
      }
    },
  }
}

class TimeoutError extends Error {}

/** The call's answer, or TimeoutError; a late answer is let go, for the retry key makes it harmless. */
async function within<T>(ms: number, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeoutError()), ms)
  })
  try {
    return await Promise.race([call, late])
  } finally {
    clearTimeout(timer)
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof TimeoutError) return 'timeout'
  return error instanceof SyntaxError ? 'unreadable answer' : 'network'
}

/** LINE's error body is a string of JSON: `{"message": "…", "details": […]}`. */
function messageIn(body: string): string {
  const json = parseJson(body)
  if (typeof json === 'object' && json !== null && 'message' in json) return String(json.message).slice(0, 200)
  // A proxy's page, or nothing at all.
  return 'no reason given'
}
