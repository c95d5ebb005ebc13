/** Servers that tests start on this machine. */
import type { Server } from 'node:net'

/** Listens on a port of loopback (0: any free one), and answers which. */
export async function listenOnLoopback(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
