import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventId, holder, lotId, memberId, today } from '#test/support/programme.ts'
import { EventId, StaffId, StoreId } from '#core/ids.ts'
import { freeOf, heldBy } from './account.ts'
import { POINTS } from './asset.ts'
import { hashOf, readEvent, seal, unseal, type Draft, type Seal } from './event.ts'

const place: Seal = {
  id: eventId(1),
  store: StoreId.parse('s1'),
  ...holder,
  seq: 1,
  occurredAt: 1_763_800_000_000,
  clockOffset: -250,
  businessDate: today,
  staff: StaffId.parse('mei'),
  approvedBy: null,
  previous: null,
}

const adjusted = (note: string): Draft => ({
  kind: 'member.adjusted',
  body: { member: memberId(1), asset: POINTS, direction: 'deduct', amount: 5, note },
  lots: [],
  transfers: [{ asset: POINTS, from: heldBy(lotId(1), holder), to: freeOf(lotId(1)), amount: 5 }],
})

/** As a disk or a wire may change a byte: JSON that reads as well, under the same hash. */
function flipped(text: string, at: number, bit: number): string {
  const bytes = Buffer.from(text)
  const index = at % bytes.length
  bytes[index] = (bytes[index] ?? 0) ^ (1 << (bit % 7))
  return bytes.toString()
}

describe('seal', () => {
  it('reads back as it was', () => {
    const { event, text, hash } = seal(adjusted('補登'), place)
    expect(event).toMatchObject({ v: 1, seq: 1, kind: 'member.adjusted', clockOffset: -250 })
    expect(unseal(text, hash)).toEqual({ ok: true, event })
  })

  it('hashes the UTF-8 bytes of the text, as anyone can', () => {
    const { text, hash } = seal(adjusted('補登 🍵'), place)
    expect(hash).toBe(createHash('sha256').update(text, 'utf8').digest('hex'))
  })

  it.each([
    ['an emoji of several code points', '👩‍👩‍👧 家'],
    ['a character beyond the first plane', '𠮷野家'],
    ['half a surrogate pair', 'x\uD83Dy'],
    ['the other half', '\uDC00'],
    ['control characters and line ends', '\u0001\u001f\r\n\t\u0085\u2028\u2029\u007f'],
    ['quotes and backslashes', '"\\" \\u0000 \\\\'],
    ['a byte order mark', '\uFEFF王'],
    ['both ways to write é', 'é e\u0301'],
  ])('keeps %s in the exact text', (_, note) => {
    const { text, hash } = seal(adjusted(note), place)
    expect(text.isWellFormed()).toBe(true)
    expect(text).not.toContain('\0')
    expect(unseal(text, hash)).toMatchObject({ ok: true, event: { body: { note } } })
  })

  it('takes no NUL, which PostgreSQL could not keep', () => {
    const { text, hash } = seal(adjusted('a\0b'), place)
    expect(unseal(text, hash)).toEqual({ ok: false, reason: 'unreadable' })
  })

  it('keeps any other text whatever', () => {
    const notes = fc.string({ unit: 'binary', minLength: 1, maxLength: 80 })
    fc.assert(
      fc.property(
        fc.oneof(
          notes,
          fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 50 }).map((units) => String.fromCharCode(...units)),
        ),
        (written) => {
          const note = written.replaceAll('\0', ' ')
          const { event, text, hash } = seal(adjusted(note), place)
          expect(unseal(text, hash)).toEqual({ ok: true, event })
          expect(Buffer.from(text).toString()).toBe(text)
        },
      ),
    )
  })
})

describe('unseal', () => {
  const { text, hash } = seal(adjusted('補登 🍵'), place)

  it('finds any byte that has changed', () => {
    const bytes = Buffer.byteLength(text)
    for (let at = 0; at < bytes; at++) {
      for (const bit of [0, 5]) expect(unseal(flipped(text, at, bit), hash)).toEqual({ ok: false, reason: 'badHash' })
    }
  })

  it('finds a space more or less, and JSON that means the same', () => {
    for (const other of [
      `${text} `,
      ` ${text}`,
      text.slice(0, -1),
      JSON.stringify(JSON.parse(text), null, 1),
      text.replace('🍵', '\\ud83c\\udf75'),
    ]) {
      expect(other).not.toBe(text)
      expect(unseal(other, hash)).toEqual({ ok: false, reason: 'badHash' })
    }
  })

  it.each<[string, (event: Record<string, unknown>) => unknown]>([
    ['no JSON', () => undefined],
    ['no version', (event) => ({ ...event, v: 0.5 })],
    ['a kind nobody knows', (event) => ({ ...event, kind: 'member.promoted' })],
    ['the body of another kind', (event) => ({ ...event, kind: 'rights.returned' })],
    ['more than an event says', (event) => ({ ...event, extra: 1 })],
    ['a body with more in it', (event) => ({ ...event, body: { ...Object(event['body']), extra: 1 } })],
    ['half a point', (event) => ({ ...event, transfers: [{ ...Object(event['transfers'])[0], amount: 0.5 }] })],
    ['place 0', (event) => ({ ...event, seq: 0 })],
    ['no terminal', (event) => ({ ...event, terminal: undefined })],
    ['a date that is none', (event) => ({ ...event, businessDate: '2025-13-01' })],
    ['nothing', () => null],
  ])('does not read %s, whatever its hash', (_, change) => {
    const changed = JSON.stringify(change(JSON.parse(text))) ?? 'not { JSON'
    expect(unseal(changed, hashOf(changed))).toEqual({ ok: false, reason: 'unreadable' })
  })

  it.each([
    ['a key said twice', text.replace(/^\{/, '{"transfers":[],')],
    ['a body’s key said twice', text.replace('"body":{', '"body":{"amount":1,')],
    ['more space', `${text} `],
    ['an amount written otherwise', text.replace('"amount":5}', '"amount":5e0}')],
    ['what is nested out of all measure', text.replace(/^\{/, `{"x":${'['.repeat(30_000)}${']'.repeat(30_000)},`)],
  ])('does not read %s, which no counter writes and a database may read otherwise', (_, changed) => {
    expect(changed).not.toBe(text)
    expect(unseal(changed, hashOf(changed))).toEqual({ ok: false, reason: 'unreadable' })
  })

  it('says when an event is for a program newer than this one', () => {
    const changed = JSON.stringify({ ...Object(JSON.parse(text)), v: 2, kind: 'of tomorrow' })
    expect(unseal(changed, hashOf(changed))).toEqual({ ok: false, reason: 'newerVersion' })
  })

  it('reads without the hash where that has been checked', () => {
    expect(readEvent(text)).toMatchObject({ ok: true })
    expect(readEvent('[]')).toEqual({ ok: false, reason: 'unreadable' })
  })
})

describe('a chain', () => {
  it('names the event before, so that nothing can be put between or taken out', () => {
    const first = seal(adjusted('一'), place)
    const second = seal(adjusted('二'), { ...place, id: EventId.parse(eventId(2)), seq: 2, previous: first.hash })
    const other = seal(adjusted('壹'), place)
    expect(readEvent(second.text)).toMatchObject({ event: { previous: first.hash } })
    expect(other.hash).not.toBe(first.hash)
  })
})
