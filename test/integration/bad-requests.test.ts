/** What reaches a counter's port that no screen of its own would send: refused clearly, and the counter goes on. */
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { basket } from '#test/support/at-the-counter.ts'
import { freshId, type CounterAtWork } from '#test/support/counter-at-work.ts'
import { startShop } from '#test/support/shop.ts'

type Answer = { status: number; body: string }

/** One request, byte for byte as given; the status is 0 when the counter hung up. */
function ask(
  counter: CounterAtWork,
  path: string,
  {
    method = 'POST',
    headers = {},
    body = '',
  }: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  const { port } = new URL(counter.url)
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      text(response).then(
        (said) => resolve({ status: response.statusCode ?? 0, body: said }),
        () => resolve({ status: response.statusCode ?? 0, body: '' }),
      )
    })
    sent.on('error', () => resolve({ status: 0, body: '' }))
    sent.end(body)
  })
}

const json = { 'content-type': 'application/json' }

async function expectAlive(counter: CounterAtWork): Promise<void> {
  expect(await counter.screen.checkout.pay(basket(80))).toMatchObject({ total: 80 })
  expect(counter.errors).toEqual([])
}

describe('bodies', () => {
  it('torn, empty, binary or of the wrong shape are bad requests', async () => {
    const { one: counter } = await startShop()
    const whole = JSON.stringify({ json: basket(80) })
    const bodies = [
      whole.slice(0, -20),
      '',
      '{',
      '[]',
      'null',
      '"x"',
      '{"json":null}',
      '{"json":{"id":1}}',
      Buffer.from([0, 255, 254, 1, 2, 3]),
    ]
    for (const body of bodies) {
      const answer = await ask(counter, '/rpc/checkout/pay', { headers: json, body })
      expect({ body, status: answer.status }).toEqual({ body, status: 400 })
      expect(answer.body).toMatch(/"code":"(badRequest|BAD_REQUEST)"/)
    }
    const negative = { ...basket(80), tenders: [{ kind: 'cash', received: -80 }] }
    expect(
      (await ask(counter, '/rpc/checkout/pay', { headers: json, body: JSON.stringify({ json: negative }) })).status,
    ).toBe(400)
    expect(await counter.db.selectFrom('event').select('id').where('kind', '=', 'sale.completed').execute()).toEqual([])
    const noOne = { id: freshId(), name: '王', phone: '', birthday: '1990/5/1', email: '', address: '' }
    await expect(counter.screen.members.enrol(noOne)).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    await expectAlive(counter)
  })

  it('too large ones are refused before they are read', async () => {
    const { one: counter } = await startShop()
    const large = Buffer.alloc(20_000_000, 'x')
    const answer = await ask(counter, '/rpc/checkout/pay', { headers: json, body: large })
    expect(answer.status).toBe(413)
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'tooLarge' })
    // Without its length said before.
    const chunked = await ask(counter, '/rpc/checkout/pay', {
      headers: { ...json, 'transfer-encoding': 'chunked' },
      body: large,
    })
    expect([0, 413]).toContain(chunked.status)
    await expectAlive(counter)
  })

  it('a call cut off in the middle, and what is no HTTP at all, harm no one', async () => {
    const { one: counter } = await startShop()
    const port = Number(new URL(counter.url).port)
    const starts = [
      'POST /rpc/checkout/pay HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 500\r\n\r\n{"json":',
      '\x16\x03\x01\x02\x00\x01',
      'GET / HTTP/9.9\r\n\r\n',
    ]
    for (const start of starts) {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      await new Promise<void>((resolve) => socket.write(start, () => resolve()))
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
      socket.destroy()
      await closed
    }
    await expectAlive(counter)
  })

  it('unknown calls are not found', async () => {
    const { one: counter } = await startShop()
    for (const path of ['/rpc/nothing', '/rpc/checkout', '/rpc/__proto__/pay', '/rpc/', '/assets/none.js']) {
      expect({ path, status: (await ask(counter, path, { headers: json, body: '{}' })).status }).toEqual({
        path,
        status: 404,
      })
    }
    expect((await ask(counter, '/..%2f..%2fterminal.key', { method: 'GET' })).body).not.toContain('PRIVATE')
    await expectAlive(counter)
  })
})

describe('strangers', () => {
  it('are refused: other hosts’ names, other sites’ pages', async () => {
    const { one: counter } = await startShop()
    const { host, origin } = new URL(counter.url)
    const body = JSON.stringify({ json: basket(80) })
    const refusals: Record<string, string>[] = [
      { host: 'evil.example' },
      { host: 'evil.example:80' },
      { host: '127.0.0.1.evil.example' },
      { host: '10.0.0.5' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]
    for (const headers of refusals) {
      const answer = await ask(counter, '/rpc/checkout/pay', { headers: { ...json, ...headers }, body })
      expect({ headers, status: answer.status }).toEqual({ headers, status: 403 })
      expect(JSON.parse(answer.body)).toEqual({ code: 'forbidden' })
    }
    expect(await counter.db.selectFrom('event').select('id').where('kind', '=', 'sale.completed').execute()).toEqual([])
    const own: Record<string, string>[] = [
      {},
      { origin, 'sec-fetch-site': 'same-origin' },
      { host: host.replace('127.0.0.1', 'localhost') },
    ]
    for (const headers of own) {
      expect((await ask(counter, '/rpc/setup/state', { headers: { ...json, ...headers }, body: '{}' })).status).toBe(
        200,
      )
    }
    await expectAlive(counter)
  })
})
