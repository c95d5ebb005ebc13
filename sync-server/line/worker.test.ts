import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fc from 'fast-check'
import { v7 as uuidv7 } from 'uuid'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OutboxTable } from '#storage/server-tables.ts'
import { type FakeLine, type Fault, startFakeLine } from '#test/support/fake-line.ts'
import { ENGINES, openServerDatabase, type ServerDatabase } from '#test/support/server-database.ts'
import { builtProgram } from '#test/support/shared.ts'
import { lineClient } from './client.ts'
import { noticeMessage } from './flex.ts'
import { outboxWorker, type OutboxWorker } from './worker.ts'

const HOUR = 3_600_000

describe.each(ENGINES)('the outbox on %s', (engine) => {
  let now = Date.parse('2026-11-22T06:00:00Z')
  const clock = () => now
  let server: ServerDatabase
  let line: FakeLine

  beforeAll(async () => {
    server = await openServerDatabase(engine)
  })
  afterAll(() => server.drop())
  beforeEach(async () => {
    await server.db.deleteFrom('outbox').execute()
    line = await startFakeLine(clock)
  })
  afterEach(() => line.close())

  /** How long to wait for an answer that comes, however busy the machine; and for one that never does. */
  const PATIENT_MS = 10_000
  const HASTY_MS = 150
  const patience = (fault: Fault) => (fault.startsWith('hang') ? HASTY_MS : PATIENT_MS)

  const worker = (timeoutMs = PATIENT_MS): OutboxWorker =>
    outboxWorker({
      db: server.db,
      dialect: server.dialect,
      client: lineClient({ accessToken: line.accessToken, baseUrl: line.url, timeoutMs }),
      clock,
      random: () => 1,
    })

  async function put(user: string, count = 1, at = now): Promise<void> {
    const rows = Array.from({ length: count }, (_, n): OutboxTable => ({
      id: uuidv7(),
      event_id: uuidv7(),
      kind: 'pointsEarned',
      member: uuidv7(),
      line_user: user,
      messages: JSON.stringify([noticeMessage(sample(n + 1))]),
      retry_key: crypto.randomUUID(),
      state: 'pending',
      attempts: 0,
      next_at: at,
      first_sent_at: null,
      error: null,
      created_at: at,
      settled_at: null,
    }))
    await server.db.insertInto('outbox').values(rows).execute()
  }
  const rows = () => server.db.selectFrom('outbox').selectAll().orderBy('id').execute()
  const only = async () => (await rows())[0]!
  const mostUnderOneKey = () =>
    Math.max(0, ...Object.values(Object.groupBy(line.accepted, (one) => one.retryKey)).map((all) => all!.length))

  it('sends each row once and keeps when', async () => {
    await put(line.addUser('小美'), 30)
    expect(await worker().runDue()).toBe(30)
    expect(line.accepted).toHaveLength(30)
    expect(line.pushes.every((push) => push.status === 200)).toBe(true)
    for (const row of await rows())
      expect(row).toMatchObject({ state: 'sent', attempts: 1, settled_at: now, error: null })
    expect(await worker().runDue()).toBe(0)
  })

  it.each<Fault>(['serverErrorAfterAccepting', 'hangAfterAccepting', 'dropAfterAccepting', 'badAnswer'])(
    'a message LINE took before the fault «%s» is not sent again',
    async (fault) => {
      await put(line.addUser('小美'))
      line.fault = (push) => (push === 1 ? fault : null)
      await worker(patience(fault)).runDue()
      expect(await only()).toMatchObject({ state: 'pending', attempts: 1, error: expect.any(String) })
      now += 2_000
      await worker().runDue()
      expect(await only()).toMatchObject({ state: 'sent', attempts: 2, error: null })
      expect(line.pushes[1]).toMatchObject({ status: 409 })
      expect(line.accepted).toHaveLength(1)
    },
  )

  it.each<Fault>(['serverError', 'hang', 'drop'])(
    'a message LINE did not take («%s») is tried again, later and later',
    async (fault) => {
      await put(line.addUser('小美'))
      line.fault = (push) => (push <= 3 ? fault : null)
      for (const wait of [2_000, 4_000, 8_000]) {
        await worker(patience(fault)).runDue()
        now += wait - 1
        expect(await worker().runDue()).toBe(0)
        now += 1
      }
      await worker().runDue()
      expect(await only()).toMatchObject({ state: 'sent', attempts: 4 })
      expect(new Set(line.pushes.map((push) => push.retryKey)).size).toBe(1)
      expect(line.accepted).toHaveLength(1)
    },
  )

  it('is final about what LINE refuses, and says why', async () => {
    await put(`U${'0'.repeat(32)}`)
    await worker().runDue()
    expect(await only()).toMatchObject({ state: 'dead', error: 'http 400: Failed to send messages' })
    now += 25 * HOUR
    expect(await worker().runDue()).toBe(0)
  })

  it('takes a blocked friend for sent: LINE does not say', async () => {
    const user = line.addUser('小美')
    line.block(user)
    await put(user)
    await worker().runDue()
    expect(await only()).toMatchObject({ state: 'sent' })
    expect(line.accepted).toMatchObject([{ delivered: false }])
  })

  it('waits a little when it is too fast, holding back all the rest', async () => {
    await put(line.addUser('小美'), 20)
    line.fault = () => 'rateLimit'
    const one = worker()
    await one.runDue()
    expect(line.pushes.length).toBeLessThanOrEqual(4)
    line.fault = () => null
    now += 9_000
    expect(await one.runDue()).toBe(0)
    now += 60_000
    await one.runDue()
    expect(line.accepted).toHaveLength(20)
  })

  it('waits long when the month is used up, and says so', async () => {
    await put(line.addUser('小美'), 8)
    line.quota = 3
    const one = worker()
    await one.runDue()
    const waiting = (await rows()).filter((row) => row.state === 'pending')
    expect(waiting).toHaveLength(5)
    expect(waiting.filter((row) => row.attempts > 0).every((row) => row.error === 'quota')).toBe(true)
    now += HOUR / 2
    expect(await one.runDue()).toBe(0)
    line.quota = 1000
    now += HOUR
    await one.runDue()
    expect((await rows()).every((row) => row.state === 'sent')).toBe(true)
  })

  it('does not send yesterday’s news once there is a new quota', async () => {
    const user = line.addUser('小美')
    line.quota = 0
    await put(user, 8)
    const one = worker()
    await one.runDue()
    now += 12 * HOUR
    await put(user, 2)
    now += 12 * HOUR
    line.quota = 1000
    await one.runDue()
    now += 2 * HOUR
    await one.runDue()
    expect(line.accepted).toHaveLength(2)
    const all = await rows()
    expect(all.map((row) => row.state)).toEqual([...Array(8).fill('dead'), 'sent', 'sent'])
    const dead = all.slice(0, 8).map((row) => [row.attempts, row.error])
    expect(dead).toContainEqual([0, 'stale'])
    expect(dead.every(([attempts, error]) => error === (attempts === 0 ? 'stale' : 'expired: quota'))).toBe(true)
  })

  it('tells what waited too long from what may have arrived', async () => {
    await put(line.addUser('小美'), 1, now - 10 * HOUR)
    line.quota = 0
    await worker().runDue()
    now += 15 * HOUR
    await worker().runDue()
    expect(await only()).toMatchObject({ state: 'dead', error: 'stale: quota' })
  })

  it('never tries again once LINE may have forgotten the retry key', async () => {
    await put(line.addUser('小美'))
    line.fault = (push) => (push === 1 ? 'hangAfterAccepting' : 'serverError')
    for (let hours = 0; hours < 48; hours++) {
      await worker(hours === 0 ? HASTY_MS : PATIENT_MS).runDue()
      now += HOUR
    }
    expect(await only()).toMatchObject({ state: 'dead', error: 'expired: http 500' })
    const first = line.pushes[0]!.at
    expect(line.pushes.every((push) => push.at - first < 24 * HOUR)).toBe(true)
    expect(line.accepted).toHaveLength(1)
  })

  it('keeps all of it for the page in a dry run, and sends none of it later', async () => {
    await put(line.addUser('小美'), 3)
    const dry = outboxWorker({ db: server.db, dialect: server.dialect, client: null, clock })
    expect(await dry.runDue()).toBe(3)
    await worker().runDue()
    expect((await rows()).map((row) => row.state)).toEqual(['dry', 'dry', 'dry'])
    expect(line.pushes).toHaveLength(0)
  })

  it('does not send what it cannot read', async () => {
    await put(line.addUser('小美'))
    await server.db.updateTable('outbox').set({ messages: '[{"type":"text"' }).execute()
    await worker().runDue()
    expect(await only()).toMatchObject({ state: 'dead', error: 'unreadable message' })
    expect(line.pushes).toHaveLength(0)
  })

  it('stops after what it is sending, and leaves the rest', async () => {
    await put(line.addUser('小美'), 40)
    const one = outboxWorker({
      db: server.db,
      dialect: server.dialect,
      client: lineClient({ accessToken: line.accessToken, baseUrl: line.url, timeoutMs: 5_000 }),
      clock,
    })
    one.start()
    while (line.pushes.length === 0) await new Promise((resolve) => setImmediate(resolve))
    await one.stop()
    const touched = line.pushes.length
    expect(touched).toBeLessThan(40)
    const after = await rows()
    expect(after.filter((row) => row.state === 'sent')).toHaveLength(touched)
    expect(after.filter((row) => row.state === 'pending' && row.attempts === 0)).toHaveLength(40 - touched)
  })

  it(
    'has at most one message accepted a row, whatever goes wrong and however many workers there are',
    { timeout: 90_000 },
    async () => {
      const faults: (Fault | null)[] = [
        null,
        null,
        'serverError',
        'serverErrorAfterAccepting',
        'hang',
        'hangAfterAccepting',
        'drop',
        'dropAfterAccepting',
        'rateLimit',
        'badAnswer',
      ]
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom(...faults), { minLength: 5, maxLength: 25 }),
          fc.integer({ min: 1, max: 12 }),
          async (script, count) => {
            await server.db.deleteFrom('outbox').execute()
            line.accepted.length = 0
            line.pushes.length = 0
            line.fault = (push) => script[push - 1] ?? null
            await put(line.addUser('小美'), count)
            for (let round = 0; round < 60; round++) {
              const timeoutMs = line.pushes.length < script.length ? 25 : PATIENT_MS
              await Promise.all([worker(timeoutMs).runDue(), worker(timeoutMs).runDue()])
              if ((await rows()).every((row) => row.state !== 'pending')) break
              now += 20 * 60_000
            }
            expect(mostUnderOneKey()).toBe(1)
            expect((await rows()).map((row) => row.state)).toEqual(Array(count).fill('sent'))
            expect(line.accepted).toHaveLength(count)
          },
        ),
        { numRuns: 12 },
      )
    },
  )

  it(
    'sends each row once through workers that are killed between sending and marking',
    { timeout: 90_000 },
    async () => {
      const real = await startFakeLine()
      const script = await builtProgram('outbox')
      const children: ChildProcess[] = []
      const start = () => {
        const child = spawn(process.execPath, [script, server.location, real.url, real.accessToken], {
          stdio: 'inherit',
        })
        children.push(child)
        return child
      }
      try {
        await put(real.addUser('小美'), 12, Date.now())
        // Each of the first two processes dies while LINE holds its answer to a message it has taken.
        let victim = start()
        for (const dies of [1, 2]) {
          const before = real.pushes.length
          real.fault = () => 'hangAfterAccepting'
          while (real.pushes.length === before) await new Promise((resolve) => setTimeout(resolve, 5))
          victim.kill('SIGKILL')
          await once(victim, 'exit')
          real.fault = () => null
          if (dies < 2) victim = start()
        }
        start()
        start()
        await expect
          .poll(async () => (await rows()).map((row) => row.state), { timeout: 60_000 })
          .toEqual(Array(12).fill('sent'))
        expect(real.accepted).toHaveLength(12)
        expect(new Set(real.accepted.map((one) => one.retryKey)).size).toBe(12)
        expect(real.pushes.some((push) => push.status === 409)).toBe(true)
      } finally {
        for (const child of children) child.kill('SIGKILL')
        await real.close()
      }
    },
  )
})

const sample = (points: number) => ({
  shop: '晨光咖啡',
  title: '消費集點',
  headline: `+${points} 點`,
  rows: [{ label: '消費金額', value: 'NT$120' }],
  balances: [{ label: '目前點數', value: '120 點' }],
  footer: '信義店 · 2026/11/22 14:05',
})
