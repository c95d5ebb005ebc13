/** Gives each load of the counter's page a message port to the terminal. */
import { MessageChannelMain, type MessagePortMain, ipcMain } from 'electron'
import { portMessages } from '#core/contract/message-port.ts'
import { isCounter } from './policy.ts'

/** Answers a page that asks, if it is the counter's main frame; `serve` gets the terminal's end, not yet started. */
export function handOutPorts(serve: (port: MessagePortMain) => void): void {
  ipcMain.on(portMessages.ask, ({ sender, senderFrame }) => {
    if (senderFrame === null || senderFrame !== sender.mainFrame || !isCounter(senderFrame.url)) return
    const { port1, port2 } = new MessageChannelMain()
    serve(port1)
    port1.start()
    senderFrame.postMessage(portMessages.port, null, [port2])
  })
}
