import { ORPCError } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import { isUncertain, outcomeOf } from './outcome.ts'

const failing = (error: unknown) => outcomeOf(Promise.reject(error))
const defined = (code: string, data: unknown) => new ORPCError(code, { defined: true, data })

describe('outcomeOf', () => {
  it('hands over what was answered', async () => {
    expect(await outcomeOf(Promise.resolve(7))).toEqual({ ok: true, value: 7 })
  })

  it('tells refusals, storage and sessions by their codes and data', async () => {
    const refusal = { code: 'alreadyReversed' }
    expect(await failing(defined('REFUSED', refusal))).toEqual({ ok: false, why: 'refused', refusal })
    expect(await failing(defined('STORAGE', { reason: 'diskFull' }))).toMatchObject({
      why: 'storage',
      reason: 'diskFull',
    })
    expect(await failing(defined('SIGNED_OUT', undefined))).toMatchObject({ why: 'signedOut' })
  })

  it('holds it open whether a command took effect when no definite answer came', async () => {
    const unreachable = await failing(new TypeError('fetch failed'))
    const failed = await failing(new ORPCError('INTERNAL_SERVER_ERROR'))
    expect(unreachable).toMatchObject({ why: 'unreachable' })
    expect(failed).toMatchObject({ why: 'failed' })
    for (const outcome of [unreachable, failed]) expect(!outcome.ok && isUncertain(outcome)).toBe(true)
    const invalid = await failing(new ORPCError('BAD_REQUEST'))
    expect(invalid).toMatchObject({ why: 'invalid' })
    expect(!invalid.ok && isUncertain(invalid)).toBe(false)
  })

  it('keeps it open until a refusal says that it did not, once it is', () => {
    expect(isUncertain({ why: 'signedOut' })).toBe(false)
    for (const why of ['signedOut', 'failed', 'unreachable', 'invalid'] as const) {
      expect(isUncertain({ why }, true)).toBe(true)
    }
    expect(isUncertain({ why: 'storage', reason: 'diskFull' }, true)).toBe(true)
    expect(isUncertain({ why: 'refused', refusal: { code: 'alreadyReversed' } }, true)).toBe(false)
  })
})
