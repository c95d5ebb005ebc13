/** A line to the server that passes requests on, but for snapshots: those are torn in the middle, or never come. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { SNAPSHOT_PATH } from '#core/contract/snapshot.ts'
import { listenOnLoopback } from './loopback.ts'

export type BadLine = {
  url: string
  fault: 'torn' | 'hanging'
  /** How many requests were left without an answer. */
  unanswered: number
}

/** Listens until the test is finished. */
export async function badLineTo(serverUrl: string): Promise<BadLine> {
  const line: BadLine = { url: '', fault: 'torn', unanswered: 0 }

  async function passOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request
    const body = await buffer(request)
    const snapshot = url.startsWith(SNAPSHOT_PATH)
    if (snapshot && line.fault === 'hanging') {
      line.unanswered += 1
      return
    }
    const kept = Object.entries(headers).filter(([name]) => name.startsWith('x-') || name === 'content-type')
    const answer = await fetch(new URL(url, serverUrl), {
      method,
      headers: kept.map(([name, value]): [string, string] => [name, String(value)]),
      body: method === 'GET' ? null : new Uint8Array(body),
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    const told = [...answer.headers].filter(([name]) => name.startsWith('x-') || name === 'content-type')
    response.writeHead(answer.status, { ...Object.fromEntries(told), 'content-length': bytes.length })
    if (snapshot) response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy())
    else response.end(bytes)
  }

  const server = createServer((request, response) => {
    passOn(request, response).catch(() => response.destroy())
  })
  line.url = `http://127.0.0.1:${await listenOnLoopback(server)}`
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return line
}
