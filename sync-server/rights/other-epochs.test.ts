/** R11: a terminal works under one epoch; one that begins ends all that began before it, whether it knows of them or not. */
import { safe } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import type { TerminalId } from '#core/ids.ts'
import { runCommand } from '#server/commands.ts'
import { terminalLines } from '#server/shop/terminals.ts'
import { holdsAny } from '#server/sync/inbox-rows.ts'
import { sound } from '#test/support/books.ts'
import { allOf, enrolMember, giveBack, grantPoints, sell } from '#test/support/drafts.ts'
import { heldOf, loansOf } from '#test/support/epochs.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { SyncCounter } from '#test/support/sync-counter.ts'
import { startServer, type TestServer } from '#test/support/sync-server.ts'

/** A counter put back once from a backup, of which the second restore knows nothing; it holds 60 of a member's 100 points. */
async function putBackOnce(server: TestServer) {
  const backup = await SyncCounter.join(server, 'Counter 1')
  const { member } = enrolMember(backup)
  const given = grantPoints(backup, member, 100)
  giveBack(backup, allOf(given))
  await backup.sync()
  const lot = given.lots[0]!.id
  const first = backup.reborn()
  await first.sync()
  const { parts } = await first.acquire(member, [{ kind: 'lot', lot, amount: 60 }])
  await first.sync()
  return { backup, first, member, lot, parts }
}

async function openOf({ database }: TestServer, terminal: TerminalId): Promise<string[]> {
  const rows = database.db.selectFrom('terminal_epoch').select('epoch').where('terminal', '=', terminal)
  return (await rows.where('closed_at', 'is', null).orderBy('epoch').execute()).map(({ epoch }) => epoch)
}

describe.each(ENGINES)('on %s', (engine) => {
  it('R11: a second restore from one backup ends the first, and what that held is free', async () => {
    const server = await startServer(engine)
    const { backup, first, member, lot, parts } = await putBackOnce(server)
    expect(await heldOf(server, first.holder)).toBe(60)
    const second = backup.reborn()
    await second.sync()
    expect(await openOf(server, backup.holder.terminal)).toEqual([second.holder.epoch])
    expect(await heldOf(server, first.holder)).toBe(0)
    expect(second.lot(lot)?.free).toBe(100)

    // The first disk speaks once more: what it sold stands, and that it has begun is no news.
    sell(first, { member, total: 25, pointsTender: 25, spend: [{ ...parts[0]!, amount: 25 }] })
    await first.push(first.chain)
    expect(await loansOf(server, first.holder)).toEqual([{ reason: 'closedEpoch', amount: 25, repaid: 25 }])
    expect((await safe(first.pull())).error).toMatchObject({ code: 'FROZEN', data: { reason: 'epochClosed' } })
    await second.sync()
    expect(second.lot(lot)?.free).toBe(75)
    expect(await openOf(server, backup.holder.terminal)).toEqual([second.holder.epoch])
    await sound(server)
  })

  it('R11: what is kept of the first is worked out before that ends', async () => {
    const server = await startServer(engine, { rounds: 'byHand' })
    const { backup, first, member, lot, parts } = await putBackOnce(server)
    sell(first, { member, total: 25, pointsTender: 25, spend: [{ ...parts[0]!, amount: 25 }] })
    await first.client.push(first.bodyOf(first.unsent, { more: true }))
    expect(await holdsAny(server.database.db, first.holder)).toBe(true)
    const second = backup.reborn()
    await second.sync()
    expect(await holdsAny(server.database.db, first.holder)).toBe(false)
    expect(await openOf(server, backup.holder.terminal)).toEqual([second.holder.epoch])
    expect(await loansOf(server, first.holder)).toEqual([])
    expect(second.lot(lot)?.free).toBe(75)
    await sound(server)
  })

  it('R11: one that has only been asked about ends none, and is ended by none', async () => {
    const server = await startServer(engine)
    const { backup, first } = await putBackOnce(server)
    const second = backup.reborn()
    await second.push([])
    expect(await openOf(server, backup.holder.terminal)).toHaveLength(2)
    await first.sync()
    await second.sync()
    expect(await openOf(server, backup.holder.terminal)).toEqual([second.holder.epoch])
  })

  it('its keeper reads which are open, and closes them all or the one that is named', async () => {
    const server = await startServer(engine)
    const { database, location } = server
    const { backup, first } = await putBackOnce(server)
    const { terminal } = backup.holder
    const row = { head_seq: 3, head_hash: null, status: 'open', opened_at: 1, closed_at: null, closed_reason: null }
    const stuck = ['AAAAAA', 'BBBBBB']
    await database.db
      .insertInto('terminal_epoch')
      .values(stuck.map((epoch) => ({ terminal, epoch, ...row })))
      .execute()
    const lines = await terminalLines(database.db)
    expect(lines.map((line) => line.split('\t')[5])).toEqual([[...stuck, first.holder.epoch].join(' ')])

    const close = (...args: string[]) => runCommand(['close-epoch', terminal, ...args], { DATABASE_URL: location })
    await expect(close('nonsense', '--reason', 'lost')).rejects.toThrow('has no epoch "nonsense"')
    expect(await close('AAAAAA', '--reason', 'restored')).toContain('AAAAAA is closed; it held something of 0 lots')
    expect((await close('--reason', 'lost')).split('\n')).toEqual([
      `${terminal} BBBBBB is closed; it held something of 0 lots`,
      `${terminal} ${first.holder.epoch} is closed; it held something of 1 lots`,
    ])
    expect(await close('--reason', 'lost')).toBe(`no epoch of ${terminal} is open`)
    expect(await close('AAAAAA', '--reason', 'lost')).toBe(`${terminal} AAAAAA was closed before`)
    expect(await openOf(server, terminal)).toEqual([])
    await sound(server)
  })
})
