/** `npm run restore -- --data DIR [--from FILE]`: puts a counter's backup in place of a lost or damaged file. */
import '#storage/require-node.ts'
import { parseArgs } from 'node:util'
import { CannotRestoreError, restoreBackup } from './restore-backup.ts'
import { startFaultOf } from '#main/start-fault.ts'

const { values } = parseArgs({ options: { data: { type: 'string' }, from: { type: 'string' } } })

const WHY = {
  noBackup: 'There is no sound backup in this folder. Nothing was touched. Name one with --from.',
  neverJoined: 'That file is of a counter that never joined a shop. Nothing was touched.',
  otherCounter:
    'That file is of another counter, and the key of this one does not fit it. Nothing was touched. Name one of this counter’s own with --from.',
}

async function main(dataDir: string): Promise<void> {
  const { from, aside } = await restoreBackup(dataDir, values.from ?? null, Date.now())
  console.log(`Put back: ${from}`)
  if (aside) console.log(`The file that was there is kept in ${aside}; delete it once the counter has synced.`)
  console.log(
    'Start the counter again. It sends what the server lacks, hears the rest from it, and begins with nothing in its keeping: points and stored value can be used again once it is online.',
  )
}

if (!values.data) {
  console.error('--data names the folder the counter keeps its data in')
  process.exit(2)
}
main(values.data).catch((error: unknown) => {
  console.error(error instanceof CannotRestoreError ? WHY[error.code] : startFaultOf(error))
  process.exit(1)
})
