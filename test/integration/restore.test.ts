/** R11 and R12 with real files: a counter's disk damaged or put back; a server put back from yesterday's copy. */
import {
  closeSync,
  cpSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Done } from '#core/contract/views.ts'
import { listBackups } from '#main/restore/backups.ts'
import { restoreBackup } from '#main/restore/restore-backup.ts'
import { startFaultOf } from '#main/start-fault.ts'
import { enrolFromLine } from '#server/member/line-member.ts'
import { waive } from '#server/restore/restored.ts'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { sound } from '#test/support/books.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, errorData, given, memberWith, refusalOf, value, valueOf } from '#test/support/at-the-counter.ts'
import { freshId } from '#test/support/counter-at-work.ts'
import { setFrozen } from '#test/support/epochs.ts'
import { eventsAtServer, startShop } from '#test/support/shop.ts'

/** Writes over the middle of a file. */
function damage(file: string): void {
  const handle = openSync(file, 'r+')
  writeSync(handle, Buffer.alloc(64 * 1024, 0x5a), 0, 64 * 1024, Math.floor(statSync(file).size / 2))
  closeSync(handle)
}

describe('a counter’s backups', () => {
  it('are made as the day is closed, and seven are kept', async () => {
    const { one } = await startShop()
    const real = one.now
    for (let n = 0; n < 9; n += 1) {
      one.now = () => real() + n * 1_000
      await one.backUp()
    }
    expect(listBackups(one.dataDir)).toHaveLength(7)
    expect(readdirSync(join(one.dataDir, 'backups')).every((name) => name.startsWith('counter-'))).toBe(true)
  })

  it('R11: a damaged file is named at the start, a backup is put in its place, and everyone agrees again', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const member = await memberWith(shop, 'value:TWD', 1_000)
    const before = await one.screen.checkout.pay(basket(300, { member }))
    await one.backUp()
    const after = await one.screen.checkout.pay(basket(200, { member, pay: [value(200)] }))
    await one.sync()
    // In this counter's keeping, on a disk that is about to die.
    const { epoch } = one.engine.counter.ledger.holder
    await one.stop()
    damage(one.file)
    writeFileSync(`${one.file}-wal`, '')
    const fault: unknown = await one.start().catch((error: unknown) => error)
    expect(startFaultOf(fault)).toContain('npm run restore')

    const restored = await one.putBack()
    expect(restored.aside).not.toBeNull()
    expect(one.engine.counter.ledger.holder.epoch).not.toBe(epoch)
    await one.screen.checkout.pay(basket(150, { member }))
    await expectAgreement(shop)
    expect(await eventsAtServer(shop, [before.event, after.event])).toBe(2)
    const closed = shop.server.database.db
      .selectFrom('terminal_epoch')
      .select('closed_reason')
      .where('epoch', '=', epoch)
    expect(await closed.execute()).toEqual([{ closed_reason: 'restored' }])
    const total = await valueOf(one, member)
    expect(await valueOf(two, member)).toBe(total)
    await one.screen.checkout.pay(basket(total, { member, pay: [value(total)] }))
    await expectAgreement(shop)
  })

  it('R11: what the lost disk had not sent comes in late from a copy of it, and the store lends', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const member = await memberWith(shop, 'value:TWD', 1_000)
    await one.screen.checkout.pay(basket(100, { member }))
    await expectAgreement(shop)
    const { inHand, total } = (await one.screen.members.get({ member })).storedValue
    expect(inHand).toBeGreaterThan(0)
    await shop.stopServer()
    await one.engine.sync.once()
    const { event } = await one.screen.checkout.pay(basket(inHand, { member, pay: [value(inHand)] }))
    // Put back from a copy of the very file, unsent events and all.
    const copy = await one.copy()
    await one.stop()
    await shop.startServer()
    await one.putBack(copy)
    await expectAgreement(shop)
    expect(await eventsAtServer(shop, [event])).toBe(1)
    expect(await valueOf(two, member)).toBe(total - inHand)
  })

  it('print nothing that may have been printed since', async () => {
    const { one } = await startShop()
    await one.signIn('chen')
    const nowhere = { host: '127.0.0.1', port: 1, paper: '80mm' as const }
    await one.screen.settings.update({ printer: nowhere, claimBaseUrl: null, language: 'en' })
    await one.screen.checkout.pay(basket(100))
    await expect.poll(async () => (await one.screen.printing.jobs())[0]?.error).toBe('printerUnreachable')
    await one.putBack(one.file)
    expect(await one.screen.printing.jobs()).toMatchObject([{ state: 'doubtful', error: 'interrupted' }])
  })

  it('R11: are put in place by the next start where power cut a restore short', async () => {
    const shop = await startShop()
    const { one } = shop
    const member = await memberWith(shop, 'value:TWD', 500)
    await one.screen.checkout.pay(basket(100, { member }))
    await one.sync()
    await one.stop()
    const { epoch, aside } = await restoreBackup(one.dataDir, one.file, one.now())
    // As it was before the last step: the file put aside, the other not yet in its place.
    const decided = basename(aside ?? '').replace(/^aside-(.*)$/, 'restored-$1.db')
    renameSync(one.file, join(one.dataDir, decided))
    await one.start()
    await one.signIn()
    expect(one.engine.counter.ledger.holder.epoch).toBe(epoch)
    await expectAgreement(shop)
  })

  it('refuses what is no sound backup, and leaves everything as it was', async () => {
    const { one } = await startShop()
    await one.stop()
    await expect(restoreBackup(one.dataDir, null, one.now())).rejects.toMatchObject({ code: 'noBackup' })
    const torn = join(one.dataDir, 'torn.db')
    cpSync(one.file, torn)
    truncateSync(torn, 9_000)
    await expect(restoreBackup(one.dataDir, torn, one.now())).rejects.toMatchObject({
      code: expect.stringMatching(/SQLITE_CORRUPT|damagedFile/),
    })
    await one.start()
    expect((await one.screen.setup.state()).enrolled).toBe(true)
  })
})

describe('the file of another counter', () => {
  const mistaken = async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    await two.backUp()
    const [backup] = listBackups(two.dataDir)
    if (!backup) throw new Error('there is no backup')
    await one.stop()
    return { shop, one, restored: () => restoreBackup(one.dataDir, backup.path, Date.now()) }
  }

  it('is not put in the place of this one’s, whose key it does not go with', async () => {
    const { shop, one, restored } = await mistaken()
    await expect(restored()).rejects.toMatchObject({ code: 'otherCounter' })
    await one.start()
    await one.signIn()
    await one.screen.checkout.pay(basket(100))
    await expectAgreement(shop)
  })

  it('is told to be so where this one’s cannot be read any more, and is put in its place', async () => {
    const { one, restored } = await mistaken()
    truncateSync(one.file, 5_000)
    await restored()
    await one.start()
    await one.engine.sync.once()
    expect((await one.screen.status.get()).frozen).toBe('badSignature')
  })
})

describe('R12: a server put back from yesterday', () => {
  it('hears from its counters what it has forgotten, and until then grants nothing', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const member = await memberWith(shop, 'value:TWD', 1_000)
    await one.screen.checkout.pay(basket(100, { member }))
    await expectAgreement(shop)
    await shop.backUpServer()
    await shop.startServer()

    const profile = { name: '司馬相如', phone: '0900000922', birthday: null, email: '', address: '' }
    const enrolled = await one.screen.members.enrol({ id: freshId(), ...profile })
    for (const counter of [one, two]) await counter.sync()
    const forgotten = [
      (await one.screen.checkout.pay(basket(500, { member: enrolled.id }))).event,
      (await two.screen.checkout.pay(basket(200, { member, pay: [value(200)] }))).event,
    ]
    await expectAgreement(shop)
    const total = await valueOf(one, member)
    await shop.putServerBack()
    expect(await eventsAtServer(shop, forgotten)).toBe(0)

    await one.sync()
    const refused = await refusalOf(one.screen.checkout.pay(basket(total, { member, pay: [value(total)] })))
    expect(refused).toMatchObject({ code: 'restoring' })
    await expectAgreement(shop)
    expect(await eventsAtServer(shop, forgotten)).toBe(2)
    expect(await valueOf(one, member)).toBe(total)
    expect((await two.screen.members.find({ query: '司馬相如' })).map(({ id }) => id)).toEqual([enrolled.id])
    await one.screen.checkout.pay(basket(total, { member, pay: [value(total)] }))
    await expectAgreement(shop)
  })

  it('learns of members that only LINE had enrolled from the counters that sold to them, and of those of a lost counter', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    await expectAgreement(shop)
    await shop.backUpServer()
    await shop.startServer()
    const { ledger } = shop.server
    const line = await ledger.write('main', async (unit) =>
      enrolFromLine(unit, { lineUser: 'U1', name: '卓文君' }, 'main'),
    )
    const profile = { name: '司馬相如', phone: '0900000922', birthday: null, email: '', address: '' }
    const enrolled = await two.screen.members.enrol({ id: freshId(), ...profile })
    for (const counter of [two, one]) await counter.sync()
    const members = [line, enrolled.id]
    const sold: Done[] = []
    for (const member of members) sold.push(await one.screen.checkout.pay(basket(500, { member })))
    await expectAgreement(shop)
    const before = await Promise.all(members.map((member) => one.screen.members.get({ member })))
    const { terminal } = two.engine.counter.identity
    await two.stop()
    await shop.putServerBack()

    for (let n = 0; n < 3; n += 1) await one.sync()
    const { db } = shop.server.database
    const waiting = () => db.selectFrom('waiting').select('wants').distinct().orderBy('wants').execute()
    // The counter that enrolled one of them may come yet.
    expect((await waiting()).map(({ wants }) => wants)).toEqual(members.toSorted())
    await waive(shop.server.ledger, terminal)
    for (let n = 0; n < 2; n += 1) await one.sync()
    expect(await waiting()).toEqual([])
    for (const [n, member] of members.entries()) {
      const after = await one.screen.members.get({ member })
      const { name, phone, card, joinedOn, tier } = before[n] ?? after
      expect(after).toMatchObject({ name, phone, card, joinedOn, tier })
      // What they had earned, and of the gift that only the server knew of what this counter kept.
      const loans = await db.selectFrom('loan').select(['amount', 'repaid']).where('member', '=', member).execute()
      const kept = loans.reduce((sum, { amount, repaid }) => sum + amount - repaid, 0)
      expect(after.points.total).toBe((sold[n]?.earned.points ?? 0) + kept)
    }
    await sound(shop.server)

    // The counter that had enrolled one comes after all: what it says of them is known.
    await two.start()
    await two.signIn()
    await expectAgreement(shop)
    expect(await two.screen.members.get({ member: line })).toMatchObject({ name: '卓文君' })
    expect((await two.screen.members.find({ query: '司馬相如' })).map(({ id }) => id)).toEqual([enrolled.id])
  })

  it('R11: has all that a restored and frozen counter had sent sent again, though it had pulled nothing', async () => {
    const shop = await startShop({ counters: 2 })
    const { one, two } = shop
    const { terminal } = one.engine.counter.identity
    await setFrozen(shop.server, terminal, 'mislaid')
    await shop.backUpServer()
    const enrol = async (name: string, phone: string) => {
      const profile = { name, phone, birthday: null, email: '', address: '' }
      return one.screen.members.enrol(await given(one, { id: freshId(), ...profile }))
    }
    const before = [(await one.screen.checkout.pay(basket(90))).event]
    await enrol('卓文君', '0900000923')
    await one.putBack(one.file)
    await enrol('司馬相如', '0900000922')
    await shop.startServer()
    for (const _round of [1, 2]) await one.sync()
    expect(await eventsAtServer(shop, before)).toBe(1)
    await shop.putServerBack()
    expect(await eventsAtServer(shop, before)).toBe(0)

    const unfrozen = { status: 'active', frozen_reason: null }
    await shop.server.database.db.updateTable('terminal').set(unfrozen).where('id', '=', terminal).execute()
    await expectAgreement(shop)
    expect(await eventsAtServer(shop, before)).toBe(1)
    for (const name of ['卓文君', '司馬相如'])
      expect(await two.screen.members.find({ query: name })).toMatchObject([{ name }])
    const left = await one.db.selectFrom('meta').select('value').where('key', '=', 'earlier').executeTakeFirst()
    expect(left?.value).toBe('[]')
  })

  it('takes a counter that joined since by a new code as who it was', async () => {
    const shop = await startShop()
    await shop.backUpServer()
    await shop.startServer()
    const late = await shop.addCounter()
    const sale = await late.screen.checkout.pay(basket(90))
    await late.sync()
    await shop.putServerBack()
    await late.engine.sync.once()
    expect(await late.screen.status.get()).toMatchObject({ frozen: 'unknownTerminal' })
    await late.screen.checkout.pay(basket(60))
    await late.signIn('chen')
    expect(await late.screen.day.close()).toEqual({ sent: false })

    const joinOf = async (store: string) => {
      const code = await makeEnrolCode(shop.server.database.db, store, Date.now())
      return late.screen.setup.enrol({ serverUrl: shop.server.url, code, counter: late.name })
    }
    expect(await errorData(joinOf('s2'), 'NOT_JOINED')).toEqual({ reason: 'otherStore' })
    await joinOf('s1')
    for (const counter of shop.counters) await counter.engine.sync.once()
    await expectAgreement(shop)
    expect(await eventsAtServer(shop, [sale.event])).toBe(1)
    await sound(shop.server)
  })
})
