/** R12: whom a server that was put back has forgotten, and counters know. */
import { describe, expect, it } from 'vitest'
import type { KnownMember } from '#core/contract/sync.ts'
import { MEMBER_UNKNOWN } from '#core/contract/sync-rows.ts'
import { BusinessDate, CardNumber, MemberId } from '#core/ids.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { sound } from '#test/support/books.ts'
import { allOf, giveBack, grantPoints, sell } from '#test/support/drafts.ts'
import { setFrozen } from '#test/support/epochs.ts'
import { RestorableServer, restoring } from '#test/support/restorable.ts'
import { scene, withALot } from '#test/support/scene.ts'
import { uuid } from '#test/support/programme.ts'
import { ENGINES } from '#test/support/server-database.ts'
import type { SyncCounter } from '#test/support/sync-counter.ts'
import { learnMembers } from './known-members.ts'

const known: KnownMember = {
  id: MemberId.parse(uuid(0xc0)),
  card: CardNumber.parse('K1N2W3N4X5'),
  joinedOn: BusinessDate.parse('2025-11-20'),
  name: '卓文君',
  phone: '0900 000 933',
  birthday: null,
  email: '',
  address: '',
}

const tell = (counter: SyncCounter, members: KnownMember[] = [known]) =>
  counter.client.push(counter.bodyOf([], { known: members }))

/** Two counters of a server that was put back, and a sale of the first to someone whom the server does not know. */
async function afterARestore(server: RestorableServer) {
  const { one, two, member } = await withALot(server.now)
  await server.backUp()
  const sale = sell(one, { member: known.id, total: 900 })
  sell(two, { total: 100 })
  for (const counter of [one, two]) await counter.sync()
  await server.restore()
  await one.pull().catch(() => null)
  await one.comeAgain()
  return { one, two, member, sale }
}

const waiting = (server: RestorableServer) => server.now.database.db.selectFrom('waiting').select('wants').execute()

const enrolments = async (server: RestorableServer) =>
  server.now.database.db
    .selectFrom('event')
    .select(['id', 'text'])
    .where('kind', '=', 'member.enrolled')
    .where('text', 'like', `%${known.id}%`)
    .execute()

describe.each(ENGINES)('on %s', (engine) => {
  it('are enrolled as they were once every counter is heard, by one event however many tell of them', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two, sale } = await afterARestore(server)
    // The state it has taken says what its sale waits for.
    expect(one.outcomes()).toEqual([{ event: sale.id, status: 'waiting', reason: MEMBER_UNKNOWN }])
    await tell(one)
    expect(await waiting(server)).toHaveLength(1)
    await two.comeAgain()
    expect(await restoring(server)).toBe(false)

    await Promise.all([tell(one), tell(two), tell(one), learnMembers(server.now, 's1', [known])])
    expect(await waiting(server)).toEqual([])
    expect(await enrolments(server)).toHaveLength(1)
    await two.pull()
    const { id, card, joinedOn, name } = known
    expect(two.members().find((one) => one.id === id)).toMatchObject({
      card,
      joinedOn,
      name,
      phone: '0900000933',
      spent: 900,
      onLine: false,
    })
    await sound(server.now)
  })

  it('are asked for whatever they had to do here, if they have bought nothing too', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two } = await scene(server.now)
    await server.backUp()
    const given = grantPoints(one, known.id, 50)
    giveBack(one, allOf(given))
    sell(two, { total: 100 })
    for (const counter of [one, two]) await counter.sync()
    await server.restore()
    await one.pull().catch(() => null)
    for (const counter of [one, two]) await counter.comeAgain()

    expect(one.outcomes()).toEqual([{ event: given.id, status: 'waiting', reason: MEMBER_UNKNOWN }])
    await tell(one)
    expect(await waiting(server)).toEqual([])
    await two.pull()
    expect(two.freeOf(known.id, POINTS)).toBe(50)
    expect(two.member(known.id)).toMatchObject({ card: known.card })
    await sound(server.now)
  })

  it('are not asked for by a server that was never put back, nor taken from a frozen counter', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two } = await withALot(server.now)
    sell(one, { member: known.id, total: 900 })
    await one.sync()
    await tell(one)
    expect(await waiting(server)).toHaveLength(1)

    await server.backUp()
    for (const counter of [one, two]) {
      sell(counter, { total: 100 })
      await counter.sync()
    }
    await server.restore()
    for (const counter of [one, two]) await counter.pull().catch(() => null)
    for (const counter of [one, two]) await counter.comeAgain()
    expect(await restoring(server)).toBe(false)
    await setFrozen(server.now, two.holder.terminal, 'mislaid')
    await tell(two)
    expect(await waiting(server)).toHaveLength(1)
    await tell(one)
    expect(await waiting(server)).toEqual([])
  })

  it('are not enrolled under another’s card, nor when nothing waits for them', async () => {
    const server = await RestorableServer.start(engine)
    const { one, two, member } = await afterARestore(server)
    await two.comeAgain()
    const other = one.members().find(({ id }) => id === member)
    const nobody = { ...known, id: MemberId.parse(uuid(0xc1)), card: CardNumber.parse('N0B0DY0000') }
    await tell(one, [{ ...known, card: other?.card ?? known.card }, nobody])
    expect(await waiting(server)).toHaveLength(1)
    expect(await enrolments(server)).toEqual([])
    await one.pull()
    expect(one.members().map(({ id }) => id)).toEqual([member])
  })
})
