/** Bad input over real HTTP: clear answers, and nothing stored. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { safe } from '@orpc/client'
import { describe, expect, it } from 'vitest'
import { CLOCK_TOLERANCE_MS, SIGNATURE_HEADERS, signedText } from '#core/contract/request-signature.ts'
import { PUSH_TYPE } from '#core/contract/push.ts'
import { SNAPSHOT_PATH } from '#core/contract/snapshot.ts'
import { PROTOCOL, SYNC_PREFIX } from '#core/contract/sync.ts'
import { POINTS } from '#core/ledger/asset.ts'
import { syncClient } from '#main/sync/client.ts'
import { closeEpoch } from '#server/rights/close-epoch.ts'
import { makeEnrolCode } from '#server/sync/enrol.ts'
import { enrolMember, sell } from '#test/support/drafts.ts'
import { ENGINES } from '#test/support/server-database.ts'
import { freshEpoch, SyncCounter } from '#test/support/sync-counter.ts'
import { DAY_MS, startServer, startServerOn, type TestServer } from '#test/support/sync-server.ts'

function signed(
  counter: SyncCounter,
  method: string,
  path: string,
  body: string | Uint8Array,
  time = counter.now(),
): Record<string, string> {
  const bodySha256 = createHash('sha256').update(body).digest('hex')
  const text = signedText({ method, path, time, bodySha256 })
  return {
    'content-type': PUSH_TYPE,
    [SIGNATURE_HEADERS.terminal]: counter.holder.terminal,
    [SIGNATURE_HEADERS.time]: String(time),
    [SIGNATURE_HEADERS.signature]: sign(null, Buffer.from(text), counter.privateKey).toString('base64url'),
  }
}

const PUSH = `${SYNC_PREFIX}/push`
const post = async (
  server: TestServer,
  counter: SyncCounter,
  body: string | Uint8Array<ArrayBuffer>,
  headers = signed(counter, 'POST', PUSH, body),
) => {
  const response = await fetch(server.url + PUSH, { method: 'POST', headers, body })
  const answer: unknown = await response.json()
  return { status: response.status, answer }
}

const codeOf = (code: string) => ({ json: expect.objectContaining({ code }), meta: [] })

describe('on sqlite', () => {
  it('refuses who is not signed for, and tells its time', async () => {
    const server = await startServer('sqlite')
    const counter = await SyncCounter.join(server)
    const body = JSON.stringify({ json: {}, meta: [] })
    const refused = (reason: string) => ({
      status: 401,
      answer: { json: expect.objectContaining({ code: 'UNAUTHORISED', data: { reason, serverTime: server.clock() } }) },
    })
    expect(await post(server, counter, body, { 'content-type': 'application/json' })).toEqual(
      refused('unknownTerminal'),
    )
    const good = signed(counter, 'POST', PUSH, body)
    expect(await post(server, counter, `${body} `, good)).toEqual(refused('badSignature'))
    expect(await post(server, counter, body, { ...good, [SIGNATURE_HEADERS.terminal]: 'ZZZZZZ' })).toEqual(
      refused('unknownTerminal'),
    )
    const late = signed(counter, 'POST', PUSH, body, server.clock() - CLOCK_TOLERANCE_MS - 1)
    expect(await post(server, counter, body, late)).toEqual(refused('clock'))
    const absurd = { ...good, [SIGNATURE_HEADERS.time]: 'NaN', [SIGNATURE_HEADERS.signature]: 'x' }
    expect(await post(server, counter, body, absurd)).toEqual(refused('badSignature'))
    for (const procedure of ['pull', 'acquire', 'stream']) {
      const { status } = await fetch(`${server.url}${SYNC_PREFIX}/${procedure}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      expect(status).toBe(401)
    }
  })

  it('refuses a torn body and an oversized one, and goes on', async () => {
    const server = await startServer('sqlite')
    const counter = await SyncCounter.join(server)
    const whole = counter.bodyOf(counter.unsent)
    const head = Buffer.from(whole).indexOf('\n')
    const badRequest = { status: 400, answer: { json: { code: 'BAD_REQUEST' } } }
    const unreadable = [
      '',
      '\n',
      'null\n',
      '{"protocol": 1}\n',
      whole.subarray(0, 20),
      whole.subarray(0, head),
      whole.subarray(0, -1),
      Buffer.concat([whole.subarray(0, head + 1), Buffer.from('{}')]),
      Buffer.concat([Buffer.from([0xff]), whole]),
    ]
    for (const body of unreadable) expect(await post(server, counter, body)).toMatchObject(badRequest)
    const json = JSON.stringify({ json: { protocol: PROTOCOL, ...counter.holder, events: [], personal: [] } })
    for (const body of [json, json.slice(0, -20)]) {
      const headers = { ...signed(counter, 'POST', PUSH, body), 'content-type': 'application/json' }
      expect(await post(server, counter, body, headers)).toMatchObject(badRequest)
    }
    const large = 'x'.repeat(5_100_000)
    expect(await post(server, counter, large)).toEqual({ status: 413, answer: codeOf('PAYLOAD_TOO_LARGE') })
    expect(await server.database.db.selectFrom('event').selectAll().execute()).toEqual([])
    await counter.sync()
    expect(counter.ack).toBe(1)
  })

  it('closes, though somebody keeps a connection open and says nothing', async () => {
    const { url, close } = await startServer('sqlite')
    const silent = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
    const gone = once(silent, 'close')
    await once(silent, 'connect')
    await close()
    await gone
  })

  it('grows tired of wrong codes', async () => {
    const server = await startServer('sqlite')
    const client = syncClient(server.url, null, server.clock)
    const guess = async () =>
      (await safe(client.enrol({ code: 'x', name: 'C', publicKey: 'A', epoch: freshEpoch() }))).error
    for (let n = 0; n < 50; n++) expect(await guess()).toMatchObject({ code: 'BAD_CODE' })
    expect(await guess()).toMatchObject({ status: 429 })
    server.clock.advance(60_000)
    expect(await guess()).toMatchObject({ code: 'BAD_CODE' })
  })

  it("lets no terminal speak in another's name", async () => {
    const server = await startServer('sqlite')
    const one = await SyncCounter.join(server, 'One')
    const two = await SyncCounter.join(server, 'Two')
    const { error } = await safe(one.client.push(two.bodyOf(two.unsent)))
    expect(error).toMatchObject({ code: 'UNAUTHORISED' })
  })
})

describe.each(ENGINES)('on %s', (engine) => {
  it('takes an enrolment code once, for a day, and answers a repeat alike', async () => {
    const server = await startServer(engine)
    const { publicKey } = generateKeyPairSync('ed25519')
    const raw = publicKey.export({ format: 'jwk' }).x ?? ''
    const client = syncClient(server.url, null, server.clock)
    const code = await makeEnrolCode(server.database.db, 's1', server.clock())
    const asked = { code: code.toLowerCase().replaceAll('-', ' '), name: 'C', publicKey: raw, epoch: freshEpoch() }
    const first = await client.enrol(asked)
    expect((await client.enrol(asked)).terminal).toBe(first.terminal)
    const other = await safe(client.enrol({ ...asked, publicKey: 'AAAA' }))
    expect(other.error).toMatchObject({ code: 'BAD_CODE', data: { reason: 'used' } })
    const unknown = await safe(client.enrol({ ...asked, code: 'NOPE-NOPE' }))
    expect(unknown.error).toMatchObject({ code: 'BAD_CODE', data: { reason: 'unknown' } })
    const stale = await makeEnrolCode(server.database.db, 's1', server.clock())
    server.clock.advance(DAY_MS + 1)
    const expired = await safe(client.enrol({ ...asked, code: stale }))
    expect(expired.error).toMatchObject({ code: 'BAD_CODE', data: { reason: 'expired' } })
  })

  it('gives a frozen counter nothing, and still takes its events', async () => {
    const server = await startServer(engine)
    const counter = await SyncCounter.join(server)
    const { member } = enrolMember(counter)
    await counter.sync()
    await server.database.db.updateTable('terminal').set({ status: 'frozen', frozen_reason: '遺失' }).execute()
    const frozen = { code: 'FROZEN', data: { reason: '遺失' } }
    expect((await safe(counter.pull())).error).toMatchObject(frozen)
    expect((await safe(counter.acquire(member, [{ kind: 'amount', asset: POINTS, amount: 1 }]))).error).toMatchObject(
      frozen,
    )
    expect((await safe(counter.client.stream(counter.holder))).error).toMatchObject(frozen)
    const { status } = await fetch(server.url + SNAPSHOT_PATH, { headers: signed(counter, 'GET', SNAPSHOT_PATH, '') })
    expect(status).toBe(403)
    sell(counter, { member, total: 100 })
    expect((await counter.push()).stored).toBe(3)
  })

  it('gives no snapshot under an epoch that is over, and says so', async () => {
    const server = await startServer(engine)
    const counter = await SyncCounter.join(server)
    await counter.sync()
    await closeEpoch(server.ledger, counter.holder, 'lost')
    const response = await fetch(server.url + SNAPSHOT_PATH, { headers: signed(counter, 'GET', SNAPSHOT_PATH, '') })
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ json: { code: 'FROZEN', data: { reason: 'epochClosed' } } })
  })

  it('asks an old counter to update before it pulls, and takes its events all the same', async () => {
    const server = await startServer(engine)
    const counter = await SyncCounter.join(server)
    const { error } = await safe(counter.client.pull({ protocol: 0, ...counter.holder, cursor: counter.cursor }))
    expect(error).toMatchObject({ code: 'UPDATE_FIRST', data: { protocol: PROTOCOL } })
    const pushed = await counter.client.push(counter.bodyOf(counter.unsent, { protocol: 0 }))
    expect(pushed.stored).toBe(1)
  })

  it('tells a cursor of another life of the database', async () => {
    const server = await startServer(engine)
    const counter = await SyncCounter.join(server)
    await counter.sync()
    counter.cursor = { ...counter.cursor, tag: 'restored' }
    expect((await safe(counter.pull())).error).toMatchObject({ code: 'CURSOR_UNKNOWN' })
    counter.cursor = { seq: 999, tag: '' }
    expect((await safe(counter.pull())).error).toMatchObject({ code: 'CURSOR_UNKNOWN' })
  })

  it('says "up to N" as it happens', async () => {
    const server = await startServer(engine)
    const counter = await SyncCounter.join(server)
    await counter.sync()
    const stream = await counter.client.stream(counter.holder)
    const first = await stream.next()
    enrolMember(counter)
    await counter.sync()
    let latest = await stream.next()
    while (!latest.done && latest.value.upTo < counter.cursor.seq) latest = await stream.next()
    expect(first).toMatchObject({ done: false, value: { upTo: counter.cursor.seq - 1 } })
    expect(latest.value).toEqual({ upTo: counter.cursor.seq })
    await stream.return()
  })

  it('shows its health and its figures', async () => {
    const server = await startServer(engine)
    const counter = await SyncCounter.join(server)
    await counter.sync()
    const health = await fetch(`${server.url}/health`)
    expect([health.status, await health.json()]).toEqual([200, { ok: true, upTo: expect.any(Number) }])
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toContain('counterfoil_events_stored_total 1\n')
    expect(metrics).toContain('counterfoil_pushes_total{result="stored"} 1\n')
    expect(metrics).toContain('counterfoil_outbox_pending 0\n')
  })
})

it('says "up to N" to streams of another process on the same PostgreSQL', async () => {
  const first = await startServer('postgres')
  const second = await startServerOn(first.location)
  const counter = await SyncCounter.join(first)
  await counter.sync()
  const stream = await counter.at(second.url).stream(counter.holder)
  await stream.next()
  enrolMember(counter)
  await counter.sync()
  let latest = await stream.next()
  while (!latest.done && latest.value.upTo < counter.cursor.seq) latest = await stream.next()
  expect(latest.value).toEqual({ upTo: counter.cursor.seq })
  await stream.return()
})
