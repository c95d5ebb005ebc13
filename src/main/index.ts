/** The desktop application: the terminal in the main process, one window, a port between them. Wiring only. */
import '#storage/require-node.ts'
import { join } from 'node:path'
import { onError } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { Menu, app, dialog, session } from 'electron'
import { invitedTo, joinIfInvited } from './auto-join.ts'
import { composeTerminal } from './compose.ts'
import { claimScheme, servePages } from './electron/pages.ts'
import { keepPagesHome, limitPermissions, refuseNetwork } from './electron/policy.ts'
import { handOutPorts } from './electron/ports.ts'
import { sealedKeyStore } from './electron/sealed-key-store.ts'
import { lookForUpdates } from './electron/updates.ts'
import { openCounter, showCounter } from './electron/window.ts'
import { isFault } from './is-fault.ts'
import { startFaultOf } from './start-fault.ts'

/** Where the build puts the page and the preload script, beside this file's own folder. */
const page = join(import.meta.dirname, '..', 'renderer')
const preload = join(import.meta.dirname, '..', 'preload', 'index.cjs')

const report = (error: unknown) => {
  if (isFault(error)) console.error(error)
}

async function start(): Promise<void> {
  await app.whenReady()
  const dataDir = join(app.getPath('userData'), 'terminal')
  const terminal = await composeTerminal({
    dataDir,
    keyStore: sealedKeyStore(join(dataDir, 'terminal.key')),
    demo: process.argv.includes('--demo'),
    serverUrl: invitedTo(process.env),
    onError: report,
  })
  closeBeforeQuit(() => terminal.close())
  await joinIfInvited(terminal, process.env)
  const handler = new RPCHandler(terminal.router, { interceptors: [onError(report)] })
  handOutPorts((port) => handler.upgrade(port))

  Menu.setApplicationMenu(null)
  limitPermissions(session.defaultSession)
  refuseNetwork(session.defaultSession)
  servePages(session.defaultSession, page)
  await openCounter(preload, !app.isPackaged)
  console.log('counter: in its own window')
  if (app.isPackaged) lookForUpdates((message, error) => console.warn(message, error))
}

/** The windows are gone by `will-quit`; the process stays until the terminal has put everything away. */
function closeBeforeQuit(close: () => Promise<void>): void {
  let closing = false
  app.on('will-quit', (event) => {
    event.preventDefault()
    if (closing) return
    closing = true
    close()
      .catch((error: unknown) => console.error('The terminal did not close cleanly.', error))
      .finally(() => app.exit())
  })
}

/** Two processes on one database would be two counters under one name: a second start only shows the first. */
if (app.requestSingleInstanceLock()) {
  claimScheme()
  app.enableSandbox()
  keepPagesHome(app)
  app.on('second-instance', showCounter)
  app.on('window-all-closed', () => app.quit())
  start().catch((error: unknown) => {
    console.error(error)
    dialog.showErrorBox('Counterfoil', startFaultOf(error))
    app.exit(1)
  })
} else {
  app.quit()
}
