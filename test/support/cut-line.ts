/** A line between a counter and the server that can be cut, stalled or made to lie, byte by byte, at any moment. */
import { randomInt } from 'node:crypto'
import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { listenOnLoopback } from './loopback.ts'

export type LineFault = 'none' | 'cut' | 'stall' | 'corrupt'

export type CutLine = {
  url: string
  /** What happens to pieces of traffic from now on. */
  fault: LineFault
  /** How often each fault has struck. */
  struck: Record<Exclude<LineFault, 'none'>, number>
  close(): void
}

/** Of so many pieces one is struck. */
const ONE_IN = 4
const STALL_MS = 1_200

/** Listens until the test is finished. */
export async function cutLineTo(serverUrl: string): Promise<CutLine> {
  const { hostname, port } = new URL(serverUrl)
  const sockets = new Set<Socket>()
  const struck = { cut: 0, stall: 0, corrupt: 0 }
  const line: CutLine = { url: '', fault: 'none', struck, close }

  /** Hands on what `from` says to `to`, but for what the fault makes of it. */
  function passOn(from: Socket, to: Socket): void {
    from.on('data', (bytes: Buffer) => {
      const { fault } = line
      if (fault === 'none' || randomInt(ONE_IN) > 0) return void to.write(bytes)
      struck[fault] += 1
      if (fault === 'cut') {
        to.write(bytes.subarray(0, randomInt(bytes.length)))
        from.destroy()
        to.destroy()
      } else if (fault === 'stall') {
        from.pause()
        setTimeout(() => {
          to.write(bytes)
          from.resume()
        }, STALL_MS)
      } else to.write(oneByteChanged(bytes))
    })
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }

  const listener = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
    passOn(near, far)
    passOn(far, near)
  })
  line.url = `http://127.0.0.1:${await listenOnLoopback(listener)}`
  function close(): void {
    for (const socket of sockets) socket.destroy()
    listener.close()
  }
  onTestFinished(close)
  return line
}

/** As a bad line changes it: a digit into another digit, most often, so that it still reads as what it was. */
function oneByteChanged(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes)
  const digits = [...changed.keys()].filter((at) => (changed[at] ?? 0) >= 0x30 && (changed[at] ?? 0) <= 0x39)
  const at = digits.length > 0 ? (digits[randomInt(digits.length)] ?? 0) : randomInt(changed.length)
  changed[at] = digits.length > 0 ? 0x30 + (((changed[at] ?? 0) - 0x30 + 1 + randomInt(9)) % 10) : randomInt(256)
  return changed
}
