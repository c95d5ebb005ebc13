/** From the sale to the paper and back: printers that are off, names no font was made for, codes that were tampered with. */
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import type { ContractRouterClient } from '@orpc/contract'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { MEMBER_PREFIX, type memberContract } from '#core/contract/member.ts'
import { BASE64URL } from '#core/claim/base64url.ts'
import { Amount } from '#core/ids.ts'
import { checkCharacter } from '#core/scan/check.ts'
import { formatMemberCard, formatProductLabel, ProductLabel } from '#core/scan/code.ts'
import { demoShop } from '#server/demo/shop.ts'
import { applyShop } from '#server/shop/apply.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, errorData, memberWith, paperOf } from '#test/support/at-the-counter.ts'
import { startPrinter } from '#test/support/printer.ts'
import { freshId, type CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop, type Shop } from '#test/support/shop.ts'

async function printTo({ screen }: CounterAtWork, port: number): Promise<void> {
  const settings = await screen.settings.get()
  await screen.settings.update({ ...settings, printer: { host: '127.0.0.1', port, paper: '80mm' } })
}

const PATIENCE = { timeout: 60_000 }

describe('a printer that is off', () => {
  it('holds up no sale; the paper waits, over a restart too, and comes once', async () => {
    const { one: counter } = await startShop()
    const before = await startPrinter()
    await before.close()
    await printTo(counter, before.port)
    const sale = await counter.screen.checkout.pay(basket(365))
    expect(sale.printJob).not.toBeNull()
    const jobs = async () =>
      (await counter.screen.printing.jobs()).map(({ event, copy, state }) => ({ event, copy, state }))
    await expect.poll(async () => (await counter.screen.status.get()).printer, PATIENCE).toBe('offline')
    expect(await jobs()).toEqual([{ event: sale.event, copy: 0, state: 'queued' }])

    await counter.restart()
    await counter.signIn()
    expect(await jobs()).toEqual([{ event: sale.event, copy: 0, state: 'queued' }])
    const printer = await startPrinter((socket) => socket.end(), before.port)
    await expect.poll(jobs, PATIENCE).toEqual([{ event: sale.event, copy: 0, state: 'printed' }])
    await printer.received(1)
    await counter.screen.printing.reprint({ event: sale.event })
    await printer.received(2)
    const [original, copy] = printer.jobs
    expect(original?.length).toBeGreaterThan(1_000)
    expect(copy?.equals(original ?? Buffer.of())).toBe(false)
    expect(printer.jobs).toHaveLength(2)
  })
})

describe('a paper in doubt', () => {
  it('is asked about until somebody has looked, and printed again only if it is not there', async () => {
    const { one: counter } = await startShop()
    const { screen } = counter
    let hangsUp = true
    const printer = await startPrinter((socket) => (hangsUp ? socket.resetAndDestroy() : socket.end()))
    await printTo(counter, printer.port)
    const there = await screen.checkout.pay(basket(150))
    await expect.poll(() => screen.printing.doubts(), PATIENCE).toHaveLength(1)
    const missing = await screen.checkout.pay(basket(250))
    await expect.poll(() => screen.printing.doubts(), PATIENCE).toHaveLength(2)
    const [first, second] = await screen.printing.doubts()
    if (!first || !second) throw new Error('nothing is in doubt')
    expect([first, second]).toMatchObject([
      { job: there.printJob, total: 150 },
      { job: missing.printJob, total: 250 },
    ])
    expect(second.receiptNumber).toMatch(new RegExp(`-0*${missing.receipt?.number}$`))

    hangsUp = false
    await screen.printing.settle({ job: first.job, printed: true })
    expect(await screen.printing.doubts()).toEqual([second])
    await screen.printing.settle({ job: second.job, printed: false })
    await screen.printing.settle({ job: second.job, printed: false })
    expect(await screen.printing.doubts()).toEqual([])
    await expect
      .poll(
        async () => (await screen.printing.jobs()).map(({ event, copy, state }) => ({ event, copy, state })),
        PATIENCE,
      )
      .toEqual([
        { event: missing.event, copy: 1, state: 'printed' },
        { event: missing.event, copy: 0, state: 'failed' },
        { event: there.event, copy: 0, state: 'printed' },
      ])
    await expect.poll(async () => (await screen.status.get()).printer).toBe('ready')
  })
})

describe('a paper said not to have come out while the disk is full', () => {
  it('is printed again once there is room and it is said again', async () => {
    const { one: counter } = await startShop()
    const { screen, db } = counter
    let hangsUp = true
    const printer = await startPrinter((socket) => (hangsUp ? socket.resetAndDestroy() : socket.end()))
    await printTo(counter, printer.port)
    await screen.checkout.pay(basket(150))
    await expect.poll(() => screen.printing.doubts(), PATIENCE).toHaveLength(1)
    const [doubt] = await screen.printing.doubts()
    if (!doubt) throw new Error('nothing is in doubt')
    hangsUp = false
    // As a full disk does it: a row is changed in its place, and there is no room for another.
    await sql`create trigger full before insert on print_job begin select raise(abort, 'full'); end`.execute(db)
    await errorData(screen.printing.settle({ job: doubt.job, printed: false }), 'STORAGE')
    await sql`drop trigger full`.execute(db)
    await screen.printing.settle({ job: doubt.job, printed: false })
    await expect
      .poll(() => screen.printing.jobs(), PATIENCE)
      .toContainEqual(expect.objectContaining({ copy: 1, state: 'printed' }))
  })
})

describe('names of all kinds', () => {
  const NAMES = [
    '珍珠🧋奶茶👩‍👩‍👧',
    '𠮷田龘𪚥',
    'Zoë Müller-Łukasz',
    '\u202eabc ﷺ',
    '王\u0007大\ud800明',
    '"; drop table member; --',
  ]

  it('are kept, found, printed and sent', async () => {
    const shop = await startShop()
    const counter = shop.one
    const { screen } = counter
    const printer = await startPrinter((socket) => socket.end())
    await printTo(counter, printer.port)
    for (const [n, name] of NAMES.entries()) {
      const phone = `09000009${50 + n}`
      const member = await screen.members.enrol({
        id: freshId(),
        name,
        phone,
        birthday: null,
        email: '',
        address: '🏠',
      })
      const sale = await screen.checkout.pay({ ...basket(120, { member: member.id, name: `給${name}` }), note: name })
      const { png } = await screen.printing.preview({ job: sale.printJob ?? '' })
      expect(Buffer.from(png, 'base64').subarray(1, 4).toString()).toBe('PNG')
      expect((await screen.members.find({ query: phone })).map(({ id }) => id)).toEqual([member.id])
    }
    for (const query of ['𠮷田', '田龘', 'müller', '奶茶']) {
      expect({ query, found: (await screen.members.find({ query })).length }).toEqual({ query, found: 1 })
    }
    const states = async () => (await screen.printing.jobs()).map(({ state }) => state)
    await expect.poll(states, PATIENCE).toEqual(NAMES.map(() => 'printed'))
    await expectAgreement(shop)
    expect(await shop.server.database.db.selectFrom('quarantine').select('reason').execute()).toEqual([])
  })
})

describe('a printed claim', () => {
  type Phone = ContractRouterClient<typeof memberContract>
  const phoneOf = ({ server }: Shop): Phone => createORPCClient(new RPCLink({ url: `${server.url}${MEMBER_PREFIX}` }))

  async function claimOf({ db }: CounterAtWork, event: string): Promise<string> {
    const { text } = await db.selectFrom('event').select('text').where('id', '=', event).executeTakeFirstOrThrow()
    return JSON.parse(text).body.claim.token
  }

  /** The same token with one byte of it changed, and the check character put right again. */
  function forged(token: string, at: number): string {
    const body = token.slice(0, -1)
    const other = body[at] === 'A' ? 'B' : 'A'
    const changed = body.slice(0, at) + other + body.slice(at + 1)
    return changed + checkCharacter(changed, BASE64URL)
  }

  it('is credited once, to whoever scans it first, and the counter sees it', async () => {
    const shop = await startShop()
    const counter = shop.one
    const phone = phoneOf(shop)
    const sale = await counter.screen.checkout.pay(basket(1_000))
    const token = await claimOf(counter, sale.event)
    expect(await counter.screen.scan({ text: token })).toMatchObject({ kind: 'claim', points: 10 })
    await counter.sync()

    const [mine, theirs] = await Promise.all(['小雅', '阿宏'].map((name) => phone.demoSignIn({ name })))
    const taken = await Promise.all(
      [mine, theirs].map((who) => phone.claim.take({ token, idToken: who?.idToken ?? '' })),
    )
    expect(taken.map(({ claim }) => claim.state).toSorted()).toEqual(['claimed', 'claimedByYou'])
    expect(
      taken
        .map((one) => one.points)
        .toSorted((a, b) => a - b)
        .at(-1),
    ).toBeGreaterThanOrEqual(10)
    await expectAgreement(shop)
    const held = await counter.db
      .selectFrom('lot')
      .select(['member', 'quantity'])
      .where('terms', 'like', '%"claim"%')
      .where('asset', '=', 'points')
      .execute()
    expect(held).toMatchObject([{ quantity: 10 }])
    await counter.screen.transactions.refund({ id: freshId(), event: sale.event, reason: '', approval: null })
    await expectAgreement(shop)
  })

  it('that was changed, misread or is another shop’s is refused for what it is', async () => {
    const shop = await startShop()
    const counter = shop.one
    const phone = phoneOf(shop)
    const sale = await counter.screen.checkout.pay(basket(1_000))
    await counter.sync()
    const token = await claimOf(counter, sale.event)
    const misread = (token[40] === 'A' ? 'B' : 'A') + token.slice(41)
    expect(await counter.screen.scan({ text: token.slice(0, 40) + misread })).toMatchObject({ kind: 'unreadable' })
    const info = (text: string) => errorData(phone.claim.info({ token: text, idToken: null }), 'BAD_CLAIM')
    expect(await info(token.slice(0, 40) + misread)).toEqual({ reason: 'damaged' })
    expect(await info(forged(token, 60))).toEqual({ reason: 'forged' })
    expect(await info(forged(token, 130))).toEqual({ reason: 'forged' })
    expect(await info('')).toEqual({ reason: 'damaged' })
    expect(await phone.claim.info({ token, idToken: null })).toMatchObject({ state: 'open', points: 10 })
  })
})

describe("a claim's address", () => {
  it('follows the server when that moves, unless the shop has set another', async () => {
    const shop = await startShop()
    const counter = shop.one
    const addressOf = async () => {
      const sale = await counter.screen.checkout.pay(basket(1_000))
      const { claim } = await paperOf(counter, sale.event)
      return claim?.url.split('/c/')[0]
    }
    const settings = await counter.screen.settings.get()
    await counter.screen.settings.update({ ...settings, language: 'en' })
    expect(await addressOf()).toBe(shop.server.url)

    const moved = 'http://127.0.0.1:9'
    await counter.restart(moved)
    await counter.signIn()
    expect(await addressOf()).toBe(moved)
    const claimBaseUrl = 'https://liff.line.me/1234567890-abcdefgh'
    await counter.screen.settings.update({ ...settings, claimBaseUrl })
    expect(await addressOf()).toBe(claimBaseUrl)
  })
})

describe('a scan', () => {
  it('is what it says, or says what is wrong with it', async () => {
    const shop = await startShop()
    const counter = shop.one
    const { screen } = counter
    const member = await screen.members.get({ member: await memberWith(shop, 'points') })
    const card = formatMemberCard(member.card)
    expect(await screen.scan({ text: card })).toMatchObject({ kind: 'member', member: { id: member.id } })
    const wrong = card.slice(0, -1) + (card.endsWith('0') ? '1' : '0')
    expect(await screen.scan({ text: wrong })).toMatchObject({ kind: 'unreadable', reason: 'badCheck' })
    expect(await screen.scan({ text: '/ABC1234' })).toMatchObject({ kind: 'invoiceCarrier' })
    expect(await screen.scan({ text: '💥\u0000\ud800' })).toMatchObject({ kind: 'unreadable', reason: 'unknown' })
    const codes = await screen.demo.codes()
    for (const { kind, text } of codes) {
      const { kind: read } = await screen.scan({ text })
      expect({ text, read }).toEqual({ text, read: kind === 'carrier' ? 'invoiceCarrier' : kind })
    }
  })

  it('finds what the catalogue has by the code it has it under, and by the same number in more digits', async () => {
    const shop = await startShop()
    const counter = shop.one
    const looksLikeOurs = formatProductLabel(ProductLabel.parse('20'))
    const codes = ['96385074', '036000291452', 'P100', looksLikeOurs, 'MVG', '茶-1']
    const products = codes.map((code) => ({ code, name: code, price: Amount.parse(50) }))
    await applyShop(shop.server.database, { ...demoShop, products })
    await counter.sync()
    const found = async (text: string) => {
      const read = await counter.screen.scan({ text })
      return read.kind === 'product' ? read.product.code : read.kind
    }
    for (const code of codes) expect(await found(code)).toBe(code)
    expect(await found('0036000291452')).toBe('036000291452')
    expect(await found(formatProductLabel(ProductLabel.parse('MVG')))).toBe('MVG')
    expect(await found(formatProductLabel(ProductLabel.parse('21')))).toBe('notFound')
  })
})
