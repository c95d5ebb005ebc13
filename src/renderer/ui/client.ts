/** The way to the counter's process: a message port in Electron, HTTP on the page's own origin in a browser. */
import { createORPCClient } from '@orpc/client'
import { RPCLink as FetchLink } from '@orpc/client/fetch'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { ResponseValidationPlugin } from '@orpc/contract/plugins'
import { portMessages } from '#core/contract/message-port.ts'
import { terminalContract } from '#core/contract/terminal.ts'

export type TerminalClient = ContractRouterClient<typeof terminalContract>

/** A client of the counter's process; both ways parse what comes back. */
export async function connectTerminal(): Promise<TerminalClient> {
  const plugins = [new ResponseValidationPlugin(terminalContract)]
  if (!navigator.userAgent.includes('Electron/')) {
    return createORPCClient(new FetchLink({ url: `${location.origin}/rpc`, plugins }))
  }
  const port = await handedPort()
  port.start()
  return createORPCClient(new PortLink({ port, plugins }))
}

function handedPort(): Promise<MessagePort> {
  return new Promise((resolve) => {
    function onMessage(event: MessageEvent): void {
      const port = event.ports[0]
      if (event.source !== window || event.data !== portMessages.port || !port) return
      window.removeEventListener('message', onMessage)
      resolve(port)
    }
    window.addEventListener('message', onMessage)
  })
}
