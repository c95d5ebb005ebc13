import fastify, { type FastifyInstance } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OutboxTable } from '#storage/server-tables.ts'
import { noticeMessage } from '#server/line/flex.ts'
import { openShopServer, type ShopServer } from '#test/support/receipt-shop.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { officeKey, outboxPath, outboxRoute } from './outbox-page.ts'

const now = Date.parse('2026-11-22T06:05:00Z')

describe.each(ENGINES)('the outbox page on %s', (engine) => {
  let server: ShopServer
  let app: FastifyInstance

  beforeEach(async () => {
    server = await openShopServer(engine, () => now)
    app = fastify()
    outboxRoute(app, { db: server.database.db, dry: false })
  })
  afterEach(async () => {
    await app.close()
    await server.drop()
  })

  async function put(row: Partial<OutboxTable>, shop = '晨光咖啡'): Promise<void> {
    const notice = {
      shop,
      title: '消費集點',
      headline: '+12 點',
      rows: [{ label: '消費金額', value: 'NT$1,250' }],
      balances: [],
      footer: '信義店',
    }
    const whole = {
      id: uuidv7(),
      event_id: uuidv7(),
      kind: 'pointsEarned',
      member: 'nobody',
      line_user: 'U1',
      messages: JSON.stringify([noticeMessage(notice)]),
      retry_key: crypto.randomUUID(),
      state: 'pending',
      attempts: 0,
      next_at: now,
      first_sent_at: null,
      error: null,
      created_at: now,
      settled_at: null,
      ...row,
    }
    await server.database.db.insertInto('outbox').values(whole).execute()
  }
  const open = async (language = 'zh-TW') =>
    app.inject({ url: outboxPath(await officeKey(server.database.db)), headers: { 'accept-language': language } })
  const plain = (page: string) =>
    page
      .replace(/<style[^]*?<\/style>|<script[^]*?<\/script>/g, '')
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' ')

  it('keeps one key, and opens with no other', async () => {
    const { db } = server.database
    const [one, other] = await Promise.all([officeKey(db), officeKey(db)])
    expect(one).toBe(other)
    expect(one).toMatch(/^[\w-]{24}$/)
    await put({})
    for (const url of [
      '/office/outbox',
      '/office/outbox?key=',
      `/office/outbox?key=${one}x`,
      `/office/outbox?key=a&key=${one}`,
    ]) {
      const refused = await app.inject({ url })
      expect(refused.statusCode).toBe(403)
      expect(refused.body).not.toContain('<article')
    }
    expect((await open()).statusCode).toBe(200)
  })

  it('says what became of each message, and why', async () => {
    await put({ state: 'sent', attempts: 1 })
    await put({ attempts: 3, error: 'timeout', next_at: now + 8_000 })
    await put({ state: 'dead', attempts: 9, error: 'expired: http 500' })
    await put({ state: 'dead', error: 'stale' })
    await put({ state: 'dead', attempts: 1, error: 'http 400: Failed to send messages' })
    await put({ attempts: 1, error: 'quota', next_at: now + 3_600_000 })
    const chinese = plain((await open()).body)
    for (const text of [
      '已連接 LINE 官方帳號',
      'LINE 已收下 消費集點 已試 1 次',
      '等待送出 消費集點 已試 3 次 14:05:08 再試 LINE 沒有回應',
      '停止傳送 消費集點 已試 9 次 超過 24 小時，為避免重複不再送 (http 500)',
      '停止傳送 消費集點 超過 24 小時，內容已過時，不再送',
      '原因：http 400: Failed to send messages',
      '15:05:00 再試 本月訊息額度已用完',
    ])
      expect(chinese).toContain(text)
    const english = plain((await open('en-GB,en;q=0.9')).body)
    expect(english).toContain('Waiting Points earned Tried 3 times next at 14:05:08 LINE did not answer')
  })

  it('escapes whatever a message says, and names no colour it did not check', async () => {
    await put({}, `<script>alert(1)</script>"'&`)
    await put({ messages: '[{"type":"flex","altText":"x","contents":{}}]', kind: '<i>', error: '<img src=x>' })
    const { body, headers } = await open()
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;')
    expect(body).toContain('&lt;img src=x&gt;')
    expect(body).not.toMatch(/<script>|<img|<i>/)
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'nonce-[\w+/=]+'; script-src 'nonce-/,
    )
    expect(headers['cache-control']).toBe('no-store')
  })

  it('says so when there is nothing yet', async () => {
    expect(plain((await open()).body)).toContain('還沒有訊息')
  })
})
