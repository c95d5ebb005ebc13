import { describe, expect, it } from 'vitest'
import { hashPin, verifyPin } from './pin.ts'

describe('PINs', () => {
  it('lets the right one in, and no other', async () => {
    const stored = await hashPin('012345')
    expect(stored).toMatch(/^scrypt\$16384\$8\$1\$[\w-]{22}\$[\w-]{43}$/)
    expect(await verifyPin('012345', stored)).toBe(true)
    for (const wrong of ['12345', '012344', '0123456', '', ' 012345', '０１２３４５']) {
      expect(await verifyPin(wrong, stored)).toBe(false)
    }
  })

  it('salts: two people of one PIN share no hash', async () => {
    expect(await hashPin('1234')).not.toBe(await hashPin('1234'))
  })

  it.each([
    '',
    'scrypt',
    'scrypt$16384$8$1$$',
    'argon2$1$1$1$a$b',
    'scrypt$16384$8$1$c2FsdA',
    '1234',
    'scrypt$16384$8$1$c2FsdA$aGFzaA',
  ])('lets no one in by %j', async (stored) => {
    expect(await verifyPin('1234', stored)).toBe(false)
  })

  it.each([
    'scrypt$0$8$1$c2FsdA$aGFzaA',
    'scrypt$x$8$1$c2FsdA$aGFzaA',
    'scrypt$16383$8$1$c2FsdA$aGFzaA',
    'scrypt$16384$0$1$c2FsdA$aGFzaA',
  ])('nor by %j, whose cost is none', async (stored) => {
    expect(await verifyPin('1234', stored)).toBe(false)
  })
})
