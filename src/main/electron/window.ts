/** The counter's window. */
import { BrowserWindow } from 'electron'
import { counterOrigin } from './policy.ts'

/** Opens the window and loads the page; a page whose process is gone is loaded anew, since the terminal is not in it. */
export async function openCounter(preload: string, devTools: boolean): Promise<BrowserWindow> {
  const window = new BrowserWindow({
    width: 1366,
    height: 768,
    minWidth: 1024,
    minHeight: 720,
    show: false,
    autoHideMenuBar: true,
    title: 'Counterfoil',
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
      devTools,
    },
  })
  window.once('ready-to-show', () => window.show())
  window.webContents.on('render-process-gone', () => window.reload())
  await window.loadURL(`${counterOrigin}/`)
  return window
}

/** A second start of the application shows the first. */
export function showCounter(): void {
  const [window] = BrowserWindow.getAllWindows()
  if (window === undefined) return
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
