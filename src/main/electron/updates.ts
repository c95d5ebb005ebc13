/** Looks for a newer version of the packaged application; it is installed when the counter is next closed. */
import updater from 'electron-updater'

const SIX_HOURS = 6 * 60 * 60 * 1000

type Log = (message: string, error: unknown) => void

/** A failed look is a line in the log: a shop without a network sells all the same. */
export function lookForUpdates(log: Log): void {
  void look(log)
  setInterval(() => void look(log), SIX_HOURS).unref()
}

async function look(log: Log): Promise<void> {
  try {
    const { autoUpdater } = updater
    // What goes wrong later, in the download, is an event; one that nobody listens to would end the process.
    autoUpdater.removeAllListeners('error').on('error', (error) => log('The update failed.', error))
    const found = await autoUpdater.checkForUpdates()
    await found?.downloadPromise
  } catch (error) {
    log('Could not look for an update.', error)
  }
}
