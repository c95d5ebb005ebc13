import { safe } from '@orpc/client'
import { v7 as uuidv7 } from 'uuid'
import { expect, it } from 'vitest'
import { EventPlace } from '#core/contract/push.ts'
import { PROTOCOL, PUSH_LIMIT, type Want } from '#core/contract/sync.ts'
import { GrantId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { sound } from '#test/support/books.ts'
import { allOf, enrolMember, giveBack, grantPoints, sell } from '#test/support/drafts.ts'
import { madeAnew, SyncCounter } from '#test/support/sync-counter.ts'
import { DAY_MS, startServer, TODAY } from '#test/support/sync-server.ts'

it('grants of a thousand small lots what one event can carry, and says so', async () => {
  const server = await startServer('sqlite')
  const counter = await SyncCounter.join(server)
  const { member } = enrolMember(counter)
  const lots = Array.from({ length: 1_000 }, () => allOf(grantPoints(counter, member, 1, { expiresOn: TODAY }))).flat()
  giveBack(counter, lots)
  for (let sent = 0; sent < counter.unsent.length; sent += PUSH_LIMIT)
    await counter.push(counter.unsent.slice(sent, sent + PUSH_LIMIT))
  counter.unsent = []
  counter.personal = []
  await counter.pull()
  const total = counter.freeOf(member, POINTS)
  expect(total).toBeGreaterThan(1_000)

  const points = (amount: number): Want[] => [{ kind: 'amount', asset: POINTS, amount }]
  const short = { code: 'insufficient', wanted: 1_000, usableHere: 400, total, elsewhere: [] }
  expect((await safe(counter.acquire(member, points(1_000)))).error).toMatchObject({ code: 'SHORT', data: short })
  expect((await safe(counter.acquire(member, points(401)))).error).toMatchObject({ code: 'SHORT' })

  const asked = { ...counter.holder, grant: GrantId.parse(uuidv7()), member, wants: points(400) }
  const granted = madeAnew(await counter.client.acquire({ protocol: PROTOCOL, ...asked }))
  expect(granted.parts).toHaveLength(400)
  const { text, hash } = counter.accept(granted)
  expect(EventPlace.safeParse({ seq: counter.seq, hash, size: Buffer.byteLength(text) }).error).toBeUndefined()
  sell(counter, { member, total: 400, pointsTender: 400, spend: granted.parts })
  await counter.sync()
  expect(counter.ack).toBe(counter.seq)
  expect(counter.outcomes()).toEqual([])
  expect(counter.freeOf(member, POINTS)).toBe(total - 400)
  await sound(server)

  const rest = await counter.acquire(member, points(400))
  expect(rest.parts).toHaveLength(400)
})

it('asks for what is wanted today beside a pending grant that has run out', async () => {
  const server = await startServer('sqlite', { rounds: 'byHand' })
  const one = await SyncCounter.join(server)
  const { member } = enrolMember(one)
  giveBack(one, [
    ...allOf(grantPoints(one, member, 30, { expiresOn: TODAY })),
    ...allOf(grantPoints(one, member, 50, { expiresOn: null })),
  ])
  await one.sync()
  const wants: Want[] = [{ kind: 'amount', asset: POINTS, amount: 30 }]
  const ask = () =>
    one.client.acquire({ protocol: PROTOCOL, ...one.holder, grant: GrantId.parse(uuidv7()), member, wants })
  const lost = madeAnew(await ask())
  server.clock.advance(DAY_MS)
  const { granted, pending } = await ask()
  expect(pending).toEqual([lost])
  expect(granted?.parts.map(({ amount }) => amount)).toEqual([20, 10])
})
