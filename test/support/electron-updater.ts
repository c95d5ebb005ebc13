/** Stands in for `electron-updater`, which asks the `electron` module for its native part. */
import { EventEmitter } from 'node:events'

class StubUpdater extends EventEmitter {
  looks = 0
  failure: Error | undefined

  checkForUpdates(): Promise<null> {
    this.looks += 1
    return this.failure === undefined ? Promise.resolve(null) : Promise.reject(this.failure)
  }
}

const updater = { autoUpdater: new StubUpdater() }

export default updater
