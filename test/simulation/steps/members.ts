/** Members who join, at one counter or at two at once, and those who come with a receipt. */
import type { MemberPanel } from '#core/contract/views.ts'
import type { MemberId } from '#core/ids.ts'
import { claimInfo, takeClaim } from '#server/claims/claim.ts'
import { readClaim } from '#server/claims/token.ts'
import type { SimCounter } from '#test/simulation/counter.ts'
import { WELCOME_POINTS } from '#test/simulation/model.ts'
import type { World } from '#test/simulation/world.ts'
import { tellVoid } from './sales.ts'
import { ask, at, freshCommand, nth, type Step, type Steps } from './step.ts'

async function enrolAt(world: World, counter: SimCounter, phone: string): Promise<MemberPanel | null> {
  const asked = { ...freshCommand(counter), name: '新會員', phone, birthday: null, email: '', address: '' }
  world.network.speaker = counter.name
  const panel = await ask(world, counter, () => counter.screen.members.enrol(asked))
  if (!panel) return null
  world.members.push(panel.id)
  world.model.tell({ member: panel.id, asset: 'points', change: WELCOME_POINTS, why: 'welcome', event: asked.id })
  return panel
}

function nextPhone(world: World): string {
  world.phones += 1
  return `0987${String(world.phones).padStart(6, '0')}`
}

async function enrol(world: World, step: Step): Promise<void> {
  await enrolAt(world, at(world, step.a), nextPhone(world))
}

/** The same person joins at two counters that have not heard of each other's. */
async function enrolTwice(world: World, step: Step): Promise<void> {
  const phone = nextPhone(world)
  const [one, other] = [at(world, step.a), at(world, step.a + 1)]
  await enrolAt(world, one, phone)
  if (one !== other) await enrolAt(world, other, phone)
}

async function claim(world: World, step: Step): Promise<void> {
  const open = nth(world.claims, step.b)
  if (!open || world.model.claimed.has(open.sale)) return
  const { database, ledger } = world.server
  const read = await readClaim(database.db, open.token)
  if ('bad' in read) throw new Error(`a printed claim is ${read.bad}`)
  const printed = { claim: read.claim, store: read.terminal.store }
  const shop = await ledger.readShop(database.db)
  const lineUser = nth(world.lineUsers, step.c)
  if (!shop || lineUser === undefined) throw new Error('there is no shop')
  const stateFor = async (you: MemberId | null) => (await claimInfo(database.db, shop, Date.now(), printed, you)).state
  if ((await stateFor(null)) !== 'open') return
  await takeClaim(ledger, printed, { lineUser, name: 'LINE' })
  const row = await database.db.selectFrom('claim').selectAll().where('id', '=', open.sale).executeTakeFirst()
  if (row?.state !== 'honoured' || row.member === null) throw new Error('an open claim was not honoured')
  const { member } = row
  if (!world.members.includes(member)) {
    world.members.push(member)
    world.model.tell({ member, asset: 'points', change: WELCOME_POINTS, why: 'welcome', event: null })
  }
  world.model.claimed.set(open.sale, member)
  const why = `claim ${open.sale}`
  world.model.tell({ member, asset: 'points', change: open.points, why, event: null })
  world.model.tell({ member, asset: 'stamp', change: open.stamps, why, event: null })
  // The void has not been heard of yet: when it comes, it takes back what was given.
  if (open.voidedBy !== null) tellVoid(world, member, open, open.voidedBy)
}

export const MEMBERS: Steps = {
  enrol: { odds: 3, run: enrol },
  enrolTwice: { odds: 1, run: enrolTwice },
  claim: { odds: 6, run: claim },
}
