/**
 * Hands the counter's page its message port, and nothing else. It runs sandboxed; the page sees none of this, only a
 * message of its own window with the port in it. A page that is not the counter's asks for nothing and gets nothing.
 */
import { ipcRenderer } from 'electron'
import { portMessages } from '#core/contract/message-port.ts'

const isCounterPage = () => location.protocol === 'app:' && location.host === 'counter'

ipcRenderer.on(portMessages.port, (event) => {
  if (isCounterPage()) window.postMessage(portMessages.port, '*', event.ports)
})

// By the load event the page's module has run and listens.
window.addEventListener('load', () => {
  if (isCounterPage()) ipcRenderer.send(portMessages.ask)
})
