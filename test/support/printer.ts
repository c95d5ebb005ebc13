/** A printer on a real TCP port, with the manners and the bad days of real ones. */
import { createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { listenOnLoopback } from './loopback.ts'

export type FakePrinter = {
  port: number
  /** What each connection sent, in the order of their ends. */
  jobs: Buffer[]
  /** Resolves when that many connections have ended. */
  received(count: number): Promise<void>
  close(): Promise<void>
}

type Behaviour = (socket: Socket, chunk: Buffer) => void

/** Listens on `port` (0: any). `onChunk` may answer, pause or hang up; by default the printer only reads. */
export async function startPrinter(onChunk: Behaviour = () => {}, port = 0): Promise<FakePrinter> {
  const jobs: Buffer[] = []
  const sockets = new Set<Socket>()
  let changed = () => {}
  const server = createServer((socket) => {
    const chunks: Buffer[] = []
    sockets.add(socket)
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      onChunk(socket, chunk)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      jobs.push(Buffer.concat(chunks))
      changed()
    })
  })
  const listening = await listenOnLoopback(server, port)
  const close = () =>
    new Promise<void>((resolve) => {
      for (const socket of sockets) socket.destroy()
      server.close(() => resolve())
    })
  onTestFinished(close)
  return {
    port: listening,
    jobs,
    async received(count) {
      while (jobs.length < count) await new Promise<void>((resolve) => (changed = resolve))
    },
    close,
  }
}
