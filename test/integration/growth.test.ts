/** What a counter does again and again costs no more as its file and its unsent chain grow. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { lotOf } from '#core/ledger/account.ts'
import { readEvent } from '#core/ledger/event.ts'
import { unansweredDoubts } from '#main/devices/printing/print-job.ts'
import { floorFor } from '#main/counter/floor.ts'
import { lotsOfMember } from '#main/counter/holdings.ts'
import { fileKeyStore } from '#main/keys/key-store.ts'
import { keptKey } from '#main/keys/keys.ts'
import { syncClient } from '#main/sync/client.ts'
import { pushAll } from '#main/sync/push.ts'
import { expectAgreement } from '#test/support/agreement.ts'
import { basket, memberWith } from '#test/support/at-the-counter.ts'
import { plansOf } from '#test/support/plans.ts'
import { freshId } from '#test/support/counter-at-work.ts'
import { startShop } from '#test/support/shop.ts'

const throughATable = (plans: readonly string[]) => plans.filter((plan) => /^SCAN (?!.*USING)/.test(plan))

it('a push finds what is still to be sent with it by index, however long the chain', async () => {
  const shop = await startShop()
  const { one } = shop
  const who = { name: '高美玲', phone: '0977123456', birthday: null, email: '', address: '' }
  await one.screen.members.enrol({ id: freshId(), ...who })
  const { counter } = one.engine
  const { sign } = await keptKey(fileKeyStore(join(one.dataDir, 'terminal.key')))
  const client = syncClient(counter.identity.serverUrl, { terminal: counter.identity.terminal, sign }, Date.now)
  const options = { client, onServerTime: () => undefined, signal: new AbortController().signal }
  const plans = await plansOf(counter, (watched) => pushAll(watched, options))
  expect(throughATable(plans)).toEqual([])
  expect(plans).toContain('SCAN personal USING INDEX personal_unsent')
  expect(plans).toContain('SEARCH event USING INDEX event_by_member (member=?)')
  await expectAgreement(shop)
})

it('a doubt is found apart from all the receipts that wait for a printer', async () => {
  const { one } = await startShop()
  const plans = await plansOf(one.engine.counter, ({ db }) => unansweredDoubts(db))
  expect(plans).toContain('SEARCH job USING INDEX print_job_open (state=?)')
})

it('what was lent is found apart from all that was sold, sent or not', async () => {
  const shop = await startShop()
  const { one } = shop
  await shop.stopServer()
  await one.engine.sync.once()
  const plans = await plansOf(one.engine.counter, async (watched) => {
    expect(await floorFor(watched, watched.db, [])).not.toBeNull()
  })
  expect(throughATable(plans)).toEqual([])
  expect(plans).toContain('SEARCH event USING INDEX event_lent (terminal=?)')
})

it('a sale looks at what its member has left, and not at all that they have used up', async () => {
  const shop = await startShop()
  const { one } = shop
  const member = await memberWith(shop, 'points', 60)
  const plans = await plansOf(one.engine.counter, async ({ db, ledger, ack }) => {
    expect(await lotsOfMember(db, ledger.holder, ack(), [member])).not.toEqual([])
  })
  expect(throughATable(plans)).toEqual([])
  expect(plans).toContain('SEARCH lot USING INDEX lot_left (member=?)')
})

it('what goes home of each member goes together, however their visits took turns', async () => {
  const shop = await startShop()
  const { one } = shop
  const members = [await memberWith(shop, 'points', 60), await memberWith(shop, 'points', 60, 1)]
  await shop.stopServer()
  for (let visit = 0; visit < 3; visit += 1)
    for (const member of members) await one.screen.checkout.pay(basket(500, { member }))
  await shop.startServer()
  await expectAgreement(shop)
  const rows = await one.db.selectFrom('event').select('text').where('kind', '=', 'rights.returned').execute()
  const owners = new Map(
    (await one.db.selectFrom('lot').select(['id', 'member']).execute()).map((lot) => [lot.id, lot.member]),
  )
  const turns = rows.map(({ text }) => {
    const read = readEvent(text)
    const whose = read.ok ? read.event.transfers.map(({ from }) => owners.get(lotOf(from) ?? '')) : []
    return { changes: whose.filter((owner, n) => n > 0 && owner !== whose[n - 1]).length, of: new Set(whose).size }
  })
  expect(Math.max(...turns.map(({ of }) => of))).toBe(2)
  for (const { changes, of } of turns) expect(changes).toBe(of - 1)
})
