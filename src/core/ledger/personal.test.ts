import { describe, expect, it } from 'vitest'
import { personalDigest } from './personal.ts'

const profile = { name: '王小明', phone: '0900000001', birthday: '1990-02-28', email: 'ming@example.com', address: '' }

describe('personalDigest', () => {
  it('is the same for the same words in any order of keys', () => {
    const { name, phone, ...rest } = profile
    const turned = { ...rest, phone, name }
    expect(personalDigest('salt', turned)).toBe(personalDigest('salt', profile))
    expect(personalDigest('salt', profile)).toMatch(/^[0-9a-f]{64}$/)
  })

  it('changes with every word and with the salt', () => {
    const others = [
      personalDigest('salT', profile),
      ...Object.keys(profile).map((key) => personalDigest('salt', { ...profile, [key]: 'x' })),
      personalDigest('salt', { ...profile, birthday: null }),
    ]
    expect(new Set([...others, personalDigest('salt', profile)]).size).toBe(others.length + 1)
  })
})
