import { randomBytes } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { startPrinter } from '#test/support/printer.ts'
import { listenOnLoopback } from '#test/support/loopback.ts'
import { tcpTransport } from './transport.ts'

const HOST = '127.0.0.1'
const job = randomBytes(80_000)
/** More than the operating system keeps for us, so that a printer that does not read is noticed. */
const hugeJob = randomBytes(32_000_000)

/** A port on which nothing listens. */
async function deadPort(): Promise<number> {
  const printer = await startPrinter()
  await printer.close()
  return printer.port
}

describe('tcpTransport', () => {
  it('delivers every byte of every job', async () => {
    const printer = await startPrinter()
    const transport = tcpTransport({ host: HOST, port: printer.port })
    expect(await transport.send(job)).toEqual({ ok: true })
    expect(await transport.send(job.subarray(0, 10))).toEqual({ ok: true })
    await printer.received(2)
    expect(printer.jobs.map((bytes) => bytes.length)).toEqual([80_000, 10])
    expect(printer.jobs[0]?.equals(job)).toBe(true)
  })

  it('knows that nothing was printed when the printer is off', async () => {
    const transport = tcpTransport({ host: HOST, port: await deadPort() })
    expect(await transport.send(job)).toEqual({
      ok: false,
      code: 'printerUnreachable',
      sentBytes: 0,
      fate: 'notPrinted',
    })
  })

  it('answers, too, when the address is none', async () => {
    const result = await tcpTransport({ host: HOST, port: 70_000 }).send(job)
    expect(result).toMatchObject({ code: 'printerUnreachable', fate: 'notPrinted' })
  })

  it('loses nothing to a printer that talks while it receives', async () => {
    const status = Buffer.alloc(4096, 0x14)
    const printer = await startPrinter((socket) => socket.write(status))
    expect(await tcpTransport({ host: HOST, port: printer.port }).send(job)).toEqual({ ok: true })
    await printer.received(1)
    expect(printer.jobs[0]?.equals(job)).toBe(true)
  })

  it('waits for a slow printer as long as it makes progress', async () => {
    const printer = await startPrinter((socket) => {
      socket.pause()
      setImmediate(() => socket.resume())
    })
    const transport = tcpTransport({ host: HOST, port: printer.port })
    expect(await transport.send(hugeJob)).toEqual({ ok: true })
    await printer.received(1)
    expect(printer.jobs[0]?.equals(hugeJob)).toBe(true)
  })

  it('calls the fate unknown when the printer hangs up in the middle', async () => {
    let seen = 0
    const printer = await startPrinter((socket, chunk) => {
      seen += chunk.length
      if (seen > 10_000) socket.destroy()
    })
    const result = await tcpTransport({ host: HOST, port: printer.port }).send(hugeJob)
    expect(result).toMatchObject({ ok: false, code: 'printerClosed', fate: 'unknown' })
    await printer.received(1)
    expect(hugeJob.subarray(0, printer.jobs[0]?.length).equals(printer.jobs[0] ?? Buffer.of())).toBe(true)
  })

  it('calls the fate unknown when the printer resets', async () => {
    const printer = await startPrinter((socket) => socket.resetAndDestroy())
    const result = await tcpTransport({ host: HOST, port: printer.port }).send(hugeJob)
    expect(result).toMatchObject({ ok: false, code: 'printerClosed', fate: 'unknown' })
  })

  it('reports a printer that takes no more, refuses the next job, and still delivers the first', async () => {
    let waiting: Socket | undefined
    let paper = false
    const printer = await startPrinter((socket) => {
      if (!paper) waiting = socket.pause()
    })
    const transport = tcpTransport({ host: HOST, port: printer.port, writeTimeoutMs: 300 })
    const first = await transport.send(hugeJob)
    expect(first).toMatchObject({ ok: false, code: 'printerTimeout', fate: 'unknown' })
    expect(await transport.send(job)).toEqual({ ok: false, code: 'printerTimeout', sentBytes: 0, fate: 'notPrinted' })
    paper = true
    waiting?.resume()
    await printer.received(1)
    expect(printer.jobs[0]?.equals(hugeJob)).toBe(true)
    expect(await transport.send(job)).toEqual({ ok: true })
  })

  it('is done with a printer that never hangs up, and can print again', async () => {
    const connections: Buffer[][] = []
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const chunks: Buffer[] = []
      connections.push(chunks)
      socket.on('data', (chunk) => chunks.push(chunk))
      socket.on('error', () => {})
    })
    const port = await listenOnLoopback(server)
    const transport = tcpTransport({ host: HOST, port, lingerMs: 50 })
    expect(await transport.send(job)).toEqual({ ok: true })
    expect(await transport.send(job)).toEqual({ ok: true })
    expect(connections.map((chunks) => Buffer.concat(chunks).equals(job))).toEqual([true, true])
    server.close()
  })
})
