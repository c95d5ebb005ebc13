import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noticeMessage } from './flex.ts'
import { FlexMessage, LineMessages, type FlexComponent } from './message.ts'

const texts = (component: FlexComponent): string[] =>
  component.type === 'text' ? [component.text] : component.type === 'box' ? component.contents.flatMap(texts) : []

describe('a notice as a Flex message', () => {
  it('reads as a receipt', () => {
    const message = noticeMessage({
      shop: '晨光咖啡',
      title: '消費集點',
      headline: '+12 點',
      rows: [{ label: '消費金額', value: 'NT$1,250' }],
      balances: [{ label: '目前點數', value: '1,262 點' }],
      footer: '信義店 · 2026/11/22 14:05',
    })
    expect(message.altText).toBe('晨光咖啡｜消費集點 +12 點')
    expect([...texts(message.contents.body), ...texts(message.contents.footer!)]).toEqual([
      '晨光咖啡',
      '消費集點',
      '+12 點',
      '消費金額',
      'NT$1,250',
      '目前點數',
      '1,262 點',
      '信義店 · 2026/11/22 14:05',
    ])
  })

  it('is one LINE takes, whatever a shop or a cashier has typed', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3000 }),
      fc.constant(''),
      fc.constant('  '),
      fc.constant('👨‍👩‍👧'.repeat(200)),
    )
    const rows = fc.array(fc.record({ label: text, value: text }), { maxLength: 40 })
    fc.assert(
      fc.property(
        fc.record({ shop: text, title: text, headline: text, rows, balances: rows, footer: text }),
        (notice) => {
          const message = noticeMessage(notice)
          expect(() => LineMessages.parse([message])).not.toThrow()
          for (const one of texts(message.contents.body)) {
            expect(one.trim()).not.toBe('')
            expect(one.replace(/…$/, '').at(-1)).not.toMatch(/^[\uD800-\uDBFF]$/)
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('is refused before it is stored when it breaks LINE’s limits', () => {
    const fine = noticeMessage({ shop: 'a', title: 'b', headline: 'c', rows: [], balances: [], footer: 'd' })
    expect(FlexMessage.safeParse(fine).success).toBe(true)
    expect(FlexMessage.safeParse({ ...fine, altText: 'x'.repeat(1501) }).success).toBe(false)
    const heavy = Array.from({ length: 400 }, () => ({ type: 'text', text: '重'.repeat(40) }))
    const body = { type: 'box', layout: 'vertical', contents: heavy }
    expect(FlexMessage.safeParse({ ...fine, contents: { ...fine.contents, body } }).success).toBe(false)
    expect(
      FlexMessage.safeParse({
        ...fine,
        contents: { ...fine.contents, body: { ...body, contents: [{ type: 'text', text: '' }] } },
      }).success,
    ).toBe(false)
  })
})
