import { createHmac } from 'node:crypto'
import fastify, { type FastifyInstance } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeClaim } from '#core/claim/token.ts'
import { takeClaim } from '#server/claims/claim.ts'
import { type FakeLine, startFakeLine } from '#test/support/fake-line.ts'
import { openShopServer, STORE, type ShopServer } from '#test/support/receipt-shop.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { webhookRoute, webhookWorker, type WebhookWorker } from './webhook.ts'

describe.each(ENGINES)('the webhook on %s', (engine) => {
  let now = 0
  const clock = () => now
  let server: ShopServer
  let line: FakeLine
  let app: FastifyInstance
  let url: string
  let worker: WebhookWorker
  let user: string
  let wakes: number

  beforeEach(async () => {
    now = Date.parse('2026-11-22T06:00:00Z')
    server = await openShopServer(engine, clock)
    line = await startFakeLine(clock)
    user = line.addUser('王小明')
    wakes = 0
    const { db } = server.database
    app = fastify()
    await webhookRoute(app, { db, channelSecret: line.channelSecret, clock, stored: () => void wakes++ })
    url = `${await app.listen({ port: 0, host: '127.0.0.1' })}/line/webhook`
    worker = webhookWorker({ db, ledger: server.ledger, clock })
    await honourOne()
  })
  afterEach(async () => {
    await app.close()
    await line.close()
    await server.drop()
  })

  async function honourOne(): Promise<void> {
    const sale = server.shop.sale({ points: 4 })
    await server.shop.sync()
    const decoded = decodeClaim(sale.token)
    if ('error' in decoded) throw new Error(decoded.error)
    await takeClaim(server.ledger, { claim: decoded.claim, store: STORE }, { lineUser: user, name: '王小明' })
  }

  const event = (type: 'follow' | 'unfollow', at = now, isRedelivery = false) => ({
    type,
    webhookEventId: uuidv7(),
    timestamp: at,
    mode: 'active',
    source: { type: 'user', userId: user },
    deliveryContext: { isRedelivery },
  })
  const member = () =>
    server.database.db.selectFrom('member').select(['blocked', 'on_line', 'seq']).executeTakeFirstOrThrow()
  const stored = () => server.database.db.selectFrom('webhook_event').selectAll().execute()
  const cursor = async () => (await server.database.db.selectFrom('cursor').select('seq').executeTakeFirstOrThrow()).seq

  it('keeps who has blocked the shop, and who came back, where every counter learns of it', async () => {
    expect(await line.webhook(url, [event('unfollow')])).toBe(200)
    expect(wakes).toBe(1)
    expect(await member()).toMatchObject({ blocked: 0 })
    await worker.runDue()
    expect(await member()).toEqual({ blocked: 1, on_line: 1, seq: await cursor() })

    now += 1000
    await line.webhook(url, [event('follow')])
    await worker.runDue()
    expect(await member()).toMatchObject({ blocked: 0 })
  })

  it('does not send what is still waiting to who has blocked the shop, nor write more', async () => {
    const outbox = () => server.database.db.selectFrom('outbox').select(['state', 'error']).execute()
    expect(await outbox()).toEqual([{ state: 'pending', error: null }])
    await line.webhook(url, [event('unfollow')])
    await worker.runDue()
    expect(await outbox()).toEqual([{ state: 'dead', error: 'blocked' }])
    await honourOne()
    expect(await outbox()).toHaveLength(1)
  })

  it('handles an event once, however often LINE sends it', async () => {
    const gone = event('unfollow')
    await line.webhook(url, [gone])
    await worker.runDue()
    now += 1000
    await line.webhook(url, [event('follow')])
    await worker.runDue()
    expect(await line.webhook(url, [{ ...gone, deliveryContext: { isRedelivery: true } }])).toBe(200)
    await worker.runDue()
    expect(await member()).toMatchObject({ blocked: 0 })
    expect(wakes).toBe(2)
    expect(await stored()).toHaveLength(2)
  })

  it('is not fooled by a second delivery that comes late', async () => {
    await line.webhook(url, [event('follow', now)])
    await worker.runDue()
    await line.webhook(url, [event('unfollow', now - 60_000, true)])
    await worker.runDue()
    expect(await member()).toMatchObject({ blocked: 0 })
  })

  it('is not fooled by a first delivery that comes after a later word', async () => {
    await line.webhook(url, [event('follow', now)])
    await worker.runDue()
    await line.webhook(url, [event('unfollow', now - 60_000)])
    await worker.runDue()
    expect(await member()).toMatchObject({ blocked: 0 })
    const pending = await server.database.db.selectFrom('outbox').select('state').execute()
    expect(pending).toEqual([{ state: 'pending' }])
  })

  it('takes events in the order they happened', async () => {
    await line.webhook(url, [event('follow', now), event('unfollow', now - 1000)])
    await worker.runDue()
    expect(await member()).toMatchObject({ blocked: 0 })
  })

  it('changes nothing for a friend who is no member, nor for what it does not know', async () => {
    const before = await cursor()
    const stranger = line.addUser('路人')
    await line.webhook(url, [
      { ...event('unfollow'), source: { type: 'user', userId: stranger } },
      { ...event('follow'), type: 'somethingNew' },
      { ...event('unfollow'), source: { type: 'group', groupId: 'C1' } },
    ])
    await worker.runDue()
    expect(await cursor()).toBe(before)
    expect((await stored()).every((row) => row.handled === 1)).toBe(true)
  })

  it('keeps nothing of what a member wrote', async () => {
    await line.webhook(url, [
      { ...event('follow'), type: 'message', message: { type: 'text', text: '我的電話是 0900-000-001' } },
    ])
    expect((await stored()).map((row) => row.body).join()).not.toContain('0900')
  })

  it('answers LINE’s own test, which has no events', async () => {
    expect(await line.webhook(url, [])).toBe(200)
    expect(wakes).toBe(0)
  })

  it('believes nothing without LINE’s signature over these very bytes', async () => {
    const body = JSON.stringify({ destination: 'U', events: [event('unfollow')] })
    const sign = (text: string, secret = line.channelSecret) =>
      createHmac('sha256', secret).update(text).digest('base64')
    const post = async (signature: string | null, text = body) => {
      const headers = {
        'content-type': 'application/json',
        ...(signature === null ? {} : { 'x-line-signature': signature }),
      }
      return (await fetch(url, { method: 'POST', headers, body: text })).status
    }
    expect(await post(null)).toBe(401)
    expect(await post('')).toBe(401)
    expect(await post(sign(body, 'another secret'))).toBe(401)
    expect(await post(sign(body), ` ${body}`)).toBe(401)
    expect(await post(sign(body), body.replace('unfollow', 'follow'))).toBe(401)
    expect(await stored()).toEqual([])
    const spaced = `  ${body.replace('"events"', '"note":"👋 你好",\n "events"')}`
    expect(await post(sign(spaced), spaced)).toBe(200)
    expect(await post(sign('nonsense'), 'nonsense')).toBe(400)
    const huge = `{"events":[],"padding":"${'x'.repeat(1024 * 1024)}"}`
    expect(await post(sign(huge), huge)).toBe(413)
  })

  it('forgets in time what it has handled', async () => {
    await line.webhook(url, [event('unfollow')])
    await worker.runDue()
    now += 31 * 86_400_000
    await worker.runDue()
    expect(await stored()).toEqual([])
  })
})
