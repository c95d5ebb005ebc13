import { describe, expect, it } from 'vitest'
import type { Settings } from '#core/contract/terminal.ts'
import { printerFinder } from './printer-for.ts'

const kitchen = { host: '192.168.1.9', port: 9100, paper: '80mm' } as const
const settings = (printer: Settings['printer']): Settings => ({ printer, claimBaseUrl: null, language: 'zh-TW' })

describe('printerFinder', () => {
  it('keeps the way to an address, with what is still on it, whatever else is set', () => {
    const printerFor = printerFinder()
    const first = printerFor(settings(kitchen))
    expect(printerFor({ ...settings(kitchen), language: 'en' })).toEqual(first)
    const narrow = printerFor(settings({ ...kitchen, paper: '58mm' }))
    expect(narrow.transport).toBe(first.transport)
    expect(narrow.profile.widthDots).toBeLessThan(first.profile.widthDots)
    expect(printerFor(settings({ ...kitchen, host: '192.168.1.8' })).transport).not.toBe(first.transport)
    expect(printerFor(settings(null)).transport).toBeNull()
    expect(printerFor(settings(kitchen)).transport).toBe(first.transport)
  })
})
