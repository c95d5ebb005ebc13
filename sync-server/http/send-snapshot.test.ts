/** A snapshot over a real connection: read to its end, not read, and not asked for any longer. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import { listenOnLoopback } from '#test/support/loopback.ts'
import { sendSnapshot } from './send-snapshot.ts'

/** Answers with these lines; what it says when all is over, and whether the lines were let go. */
async function serving(make: () => AsyncIterable<string>, idleMs: number, before = Promise.resolve()) {
  let settle: (ended: { error: unknown; letGo: boolean }) => void
  const ended = new Promise<{ error: unknown; letGo: boolean }>((resolve) => (settle = resolve))
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    let letGo = false
    let error: unknown = null
    async function* lines() {
      try {
        yield* make()
      } finally {
        letGo = true
      }
    }
    await before
    await sendSnapshot(request, response, lines(), (reason) => (error = reason), idleMs)
    settle({ error, letGo })
  }
  const server = createServer((request, response) => void answer(request, response))
  const port = await listenOnLoopback(server)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${port}`, ended, server }
}

const asked = (url: string) =>
  new Promise<IncomingMessage>((resolve, reject) => get(url, { agent: false }, resolve).on('error', reject))

async function* endless() {
  for (;;) yield `${randomBytes(100_000).toString('base64')}\n`
}

async function* slow() {
  for (let n = 0; n < 4; n++) {
    yield `${n}\n`
    await new Promise((resolve) => setTimeout(resolve, 120))
  }
}

it('is cut off when its reader takes nothing, and lets its lines go', async () => {
  const { url, ended } = await serving(endless, 200)
  const answer = await asked(url)
  answer.pause()
  answer.on('error', () => undefined)
  const { error, letGo } = await ended
  expect(error).toBeInstanceOf(Error)
  expect(letGo).toBe(true)
})

it('waits for lines that are slow to come: that is no fault of the reader', async () => {
  const { url, ended } = await serving(slow, 20)
  expect(await text((await asked(url)).pipe(createGunzip()))).toBe('0\n1\n2\n3\n')
  expect(await ended).toEqual({ error: null, letGo: true })
})

it('ends at once where the reader has gone before its turn came', async () => {
  let comes = (): void => undefined
  const { url, ended, server } = await serving(endless, 60_000, new Promise((resolve) => (comes = resolve)))
  const request = get(url, { agent: false }).on('error', () => undefined)
  const [connection] = await once(server, 'connection')
  await once(server, 'request')
  request.destroy()
  await once(connection, 'close')
  comes()
  expect((await ended).error).toBeInstanceOf(Error)
})
