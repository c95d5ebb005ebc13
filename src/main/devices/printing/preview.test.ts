import { loadImage, createCanvas } from '@napi-rs/canvas'
import fc from 'fast-check'
import jsqr from 'jsqr'
import { describe, expect, it } from 'vitest'
import { layout } from '#core/receipt/layout.ts'
import { type Receipt, reprintOf } from '#core/receipt/receipt.ts'
import { claimSale, CLAIM_URL, memberSale } from '#test/support/receipts.ts'
import { isBlack } from './bitmap.ts'
import { encode } from './escpos.ts'
import { paperFont } from './paper-font.ts'
import { interpret, type Paper, PreviewError, previewPng } from './preview.ts'
import { PRINTER_PROFILES } from './profile.ts'

const [wide, narrow] = PRINTER_PROFILES
if (!wide || !narrow) throw new Error('two profiles are expected')

const bytesOf = (receipt: Receipt, profile = wide) => encode(layout(receipt), profile)
const paperOf = (receipt: Receipt, profile = wide) => interpret(bytesOf(receipt, profile), profile.widthDots)

async function pixelsOf(png: Buffer) {
  const image = await loadImage(png)
  const ctx = createCanvas(image.width, image.height).getContext('2d')
  ctx.drawImage(image, 0, 0)
  return ctx.getImageData(0, 0, image.width, image.height)
}

/** The text of the topmost QR code, and its width in dots without the quiet zone. */
async function readQr(job: Buffer, widthDots: number) {
  const { data, width, height } = await pixelsOf(previewPng(job, widthDots))
  const found = jsqr(data, width, height)
  if (!found) throw new Error('no QR code on the paper')
  return { text: found.data, widthDots: found.location.topRightCorner.x - found.location.topLeftCorner.x }
}

const rowIsBlack = (paper: Paper, y: number) => {
  for (let x = 0; x < paper.width; x++) if (!isBlack(paper, x, y)) return false
  return true
}
const columnIsBlack = (paper: Paper, x: number, top: number, bottom: number) => {
  for (let y = top; y <= bottom; y++) if (!isBlack(paper, x, y)) return false
  return true
}
const blackRows = (paper: Paper) =>
  Array.from({ length: paper.height }, (_, y) => y).filter((y) => rowIsBlack(paper, y))

describe.each([wide, narrow])('a receipt on $name', (profile) => {
  it('carries a claim that a reader reads, exactly, at 25 mm or more', async () => {
    const { text, widthDots } = await readQr(bytesOf(claimSale, profile), profile.widthDots)
    expect(text).toBe(CLAIM_URL)
    expect(widthDots / profile.dotsPerMm).toBeGreaterThanOrEqual(25)
  })

  it('carries the same claim when it is printed again', async () => {
    const { text } = await readQr(bytesOf(reprintOf(claimSale), profile), profile.widthDots)
    expect(text).toBe(CLAIM_URL)
  })

  it('frames the word REPRINT across the whole paper, at the top, on a reprint alone', () => {
    const paper = paperOf(reprintOf(memberSale), profile)
    const rows = blackRows(paper)
    expect(rows).toHaveLength(8)
    const [top = -1, bottom = -1] = [rows[0], rows.at(-1)]
    expect(top).toBe(0)
    expect(bottom).toBeLessThan(12 * profile.dotsPerMm)
    expect(columnIsBlack(paper, 0, top, bottom) && columnIsBlack(paper, paper.width - 1, top, bottom)).toBe(true)
    expect(blackRows(paperOf(memberSale, profile))).toEqual([])
  })

  it.each(['zh-TW', 'en'] as const)('is of a sensible length and within the paper in %s', (language) => {
    const paper = paperOf({ ...claimSale, language }, profile)
    expect(paper.width).toBe(profile.widthDots)
    expect(paper.height / profile.dotsPerMm).toBeGreaterThan(80)
    expect(paper.height / profile.dotsPerMm).toBeLessThan(180)
  })

  it.each(['zh-TW', 'en'] as const)('has a type for every character of its own words in %s', (language) => {
    for (const command of layout({ ...claimSale, ...memberSale, claim: claimSale.claim, language }))
      if ('text' in command) expect(paperFont().clusters(command.text).join('')).toBe(command.text)
  })

  it('gives long names lines of their own and lets nothing run off the paper', () => {
    const name = '拿鐵 family 套餐，附「手工餅乾」一份與當日現烤的可頌麵包，Supercalifragilisticexpialidocious'
    const one = paperOf(memberSale, profile)
    const long = paperOf({ ...memberSale, lines: [{ name, quantity: 12, unitPrice: 160, amount: 1920 }] }, profile)
    expect(long.height).toBeGreaterThan(one.height)
    const shop = paperOf({ ...memberSale, shopName: name, storeName: name }, profile)
    expect(shop.height).toBeGreaterThan(one.height)
  })
})

describe('the bytes of a job', () => {
  it('are the same for the same receipt', () => {
    expect(bytesOf(memberSale).equals(bytesOf(memberSale))).toBe(true)
  })

  it('kick the drawer with 1b 70 00 19 fa, once, for cash, and never for a reprint', () => {
    const kick = Buffer.from([0x1b, 0x70, 0x00, 0x19, 0xfa])
    expect(bytesOf(memberSale).indexOf(kick)).toBe(2)
    expect(paperOf(memberSale).drawerKicks).toBe(1)
    expect(paperOf(reprintOf(memberSale)).drawerKicks).toBe(0)
    expect(paperOf({ ...memberSale, tenders: [{ kind: 'card', amount: 450 }] }).drawerKicks).toBe(0)
  })

  it('cut once, at the end, where there is a cutter', () => {
    const paper = paperOf(memberSale)
    expect(paper.cuts).toEqual([paper.height])
    expect(paperOf(memberSale, narrow).cuts).toEqual([])
    expect(paperOf(memberSale, { ...wide, cut: 'full' }).cuts).toHaveLength(1)
  })

  it('give the same paper whatever the height of a band', () => {
    const whole = paperOf(claimSale, { ...wide, bandRows: 2048 })
    const banded = paperOf(claimSale, { ...wide, bandRows: 24 })
    expect(Buffer.compare(banded.rows, whole.rows)).toBe(0)
  })

  it('are a paper whatever the names are', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 })
    fc.assert(
      fc.property(text, text, text, fc.nat({ max: 99 }), (shopName, name, maskedName, quantity) => {
        const member = { ...memberSale.member!, maskedName }
        const lines = [{ name, quantity, unitPrice: 999_999_999, amount: 999_999_999 }]
        for (const profile of [wide, narrow])
          expect(paperOf({ ...memberSale, shopName, member, lines }, profile).height).toBeGreaterThan(300)
      }),
      { numRuns: 40 },
    )
  })

  it('give emoji and rare characters a mark as wide as they are, so that amounts stay at the edge', () => {
    const named = (name: string) =>
      paperOf({ ...memberSale, lines: [{ name, quantity: 1, unitPrice: 60, amount: 60 }] })
    const plain = named('拿鐵〓〓套餐〓')
    const odd = named('拿鐵👨‍👩‍👧‍👦☕️套餐𪚥')
    expect(Buffer.compare(odd.rows, plain.rows)).toBe(0)
  })
})

describe('interpret', () => {
  const initialize = [0x1b, 0x40]

  it('feeds by ESC d and by LF', () => {
    const paper = interpret(Uint8Array.from([...initialize, 0x1b, 0x64, 2, 0x0a]), 8)
    expect(paper).toMatchObject({ width: 8, height: 3 * 34 })
  })

  it.each([
    ['text', [0x41]],
    ['an unknown ESC', [0x1b, 0x45, 1]],
    ['an unknown GS', [0x1d, 0x28, 0x6b]],
    ['a picture of another density', [0x1d, 0x76, 0x30, 1, 1, 0, 1, 0, 0xff]],
    ['a picture of another width', [0x1d, 0x76, 0x30, 0, 2, 0, 1, 0, 0xff, 0xff]],
    ['an unknown cut', [0x1d, 0x56, 0x30]],
  ])('refuses %s', (_, bytes) => {
    expect(() => interpret(Uint8Array.from([...initialize, ...bytes]), 8)).toThrow(/at byte 2$/)
  })

  it('refuses a job cut short anywhere inside a command', () => {
    const picture = [0x1d, 0x76, 0x30, 0, 1, 0, 2, 0, 0xff, 0xff]
    for (let length = 1; length < picture.length; length++)
      expect(() => interpret(Uint8Array.from(picture.slice(0, length)), 8)).toThrow(PreviewError)
    expect(interpret(Uint8Array.from(picture), 8).height).toBe(2)
  })
})
