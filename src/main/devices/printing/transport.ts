/** The way to a printer. Network printers here; others implement the same interface. */
import { connect, type Socket } from 'node:net'

type SendFailure = {
  ok: false
  code: 'printerUnreachable' | 'printerTimeout' | 'printerClosed'
  /** Bytes the operating system is known to have taken; a part of the next few may have left too. */
  sentBytes: number
  /** Only a job of which nothing left is known not to have printed. */
  fate: 'notPrinted' | 'unknown'
}

export type SendResult = { ok: true } | SendFailure

export type PrinterTransport = {
  /** Hands over one whole job; call it again only when it has answered. Never rejects: every failure is a result. */
  send(bytes: Uint8Array): Promise<SendResult>
}

export type TcpPrinter = {
  host: string
  port: number
  connectTimeoutMs?: number
  /** How long a printer may take no further byte before the job's fate is called unknown: out of paper, cover open. */
  writeTimeoutMs?: number
  /** How long to wait, after the last byte, for the printer to hang up. */
  lingerMs?: number
}

const CHUNK_BYTES = 4096

/**
 * A printer on a TCP port, usually 9100.
 *
 * Closing a socket while unread data waits in it, or arrives later, resets the connection, and a reset throws away what the
 * printer has not read yet. So whatever the printer says is read, and a socket is closed by us only when all is written and
 * the printer had time to hang up. A stalled job is reported, then left to drain; until it has, the next one is refused,
 * because a printer that waits for the rest of a picture would take the next job for it.
 */
export function tcpTransport(printer: TcpPrinter): PrinterTransport {
  const { host, port, connectTimeoutMs = 3000, writeTimeoutMs = 15_000, lingerMs = 4000 } = printer
  let previous: Socket | undefined
  return {
    async send(bytes) {
      if (previous && !previous.writableFinished && !previous.destroyed) return notSent('printerTimeout')
      previous?.destroy()
      const opened = await open(host, port, connectTimeoutMs).catch(() => 'printerUnreachable' as const)
      if (typeof opened === 'string') return notSent(opened)
      previous = opened
      return deliver(opened, bytes, writeTimeoutMs, lingerMs)
    },
  }
}

const notSent = (code: SendFailure['code']): SendFailure => ({ ok: false, code, sentBytes: 0, fate: 'notPrinted' })

/** Rejects when host or port make no address. */
function open(host: string, port: number, timeoutMs: number): Promise<Socket | SendFailure['code']> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true })
    const giveUp = (code: SendFailure['code']) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(code)
    }
    const timer = setTimeout(() => giveUp('printerTimeout'), timeoutMs)
    const refused = () => giveUp('printerUnreachable')
    socket.on('error', refused)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', refused)
      resolve(socket)
    })
  })
}

/** Writes all, half-closes, and waits for the printer to hang up. The first answer counts. */
function deliver(socket: Socket, bytes: Uint8Array, writeTimeoutMs: number, lingerMs: number): Promise<SendResult> {
  return new Promise((resolve) => {
    let sentBytes = 0
    let timer: NodeJS.Timeout | undefined
    const answer = (result: SendResult) => {
      clearTimeout(timer)
      resolve(result)
      // What is left of this connection must not keep the process running.
      socket.unref()
    }
    const fail = (code: SendFailure['code']) => answer({ ok: false, code, sentBytes, fate: 'unknown' })
    const within = (ms: number, act: () => void) => {
      clearTimeout(timer)
      timer = setTimeout(act, ms)
    }

    const writeNext = () => {
      if (sentBytes === bytes.length) {
        socket.end()
        return
      }
      within(writeTimeoutMs, () => fail('printerTimeout'))
      const chunk = bytes.subarray(sentBytes, sentBytes + CHUNK_BYTES)
      socket.write(chunk, (error) => {
        if (error) return
        sentBytes += chunk.length
        writeNext()
      })
    }

    socket.on('error', () => fail('printerClosed'))
    socket.once('end', () => {
      if (!socket.writableFinished) fail('printerClosed')
    })
    socket.once('finish', () => within(lingerMs, () => answer({ ok: true })))
    socket.once('close', () => answer({ ok: true }))
    socket.resume()
    writeNext()
  })
}
