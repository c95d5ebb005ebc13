/** A receipt printer on a TCP port, of which nobody can be sure what it has printed. */
import { createServer, type Socket } from 'node:net'
import { listenOnLoopback } from '#test/support/loopback.ts'

/** `deaf`: prints it and breaks off without a word. `torn`: breaks off before the end. */
export type Manners = 'well' | 'deaf' | 'torn'

export type SimPrinter = {
  port: number
  manners: Manners
  /** Whole papers, as the bytes that made them. */
  papers: Buffer[]
  /** Called as a paper comes out. */
  onPaper: (() => void) | null
  close(): Promise<void>
}

export async function startPrinter(): Promise<SimPrinter> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    serve(socket, printer)
  })
  const port = await listenOnLoopback(server)
  const printer: SimPrinter = {
    port,
    manners: 'well',
    papers: [],
    onPaper: null,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
  return printer
}

function serve(socket: Socket, printer: SimPrinter): void {
  const { manners } = printer
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => {
    chunks.push(chunk)
    if (manners === 'torn') socket.resetAndDestroy()
  })
  socket.on('end', () => {
    if (manners === 'torn') return
    printer.papers.push(Buffer.concat(chunks))
    printer.onPaper?.()
    if (manners === 'deaf') socket.resetAndDestroy()
    else socket.end()
  })
}
