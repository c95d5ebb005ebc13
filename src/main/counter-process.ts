/** One counter as a process of its own, for a browser: `node src/main/counter-process.ts --data DIR --port N [--demo]`. */
import '#storage/require-node.ts'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { invitedTo, joinIfInvited } from './auto-join.ts'
import { composeTerminal } from './compose.ts'
import { startHost } from './host.ts'
import { isFault } from './is-fault.ts'
import { fileKeyStore } from '#main/keys/key-store.ts'
import { startFaultOf } from './start-fault.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    port: { type: 'string', default: '8700' },
    demo: { type: 'boolean', default: false },
  },
})

const log = pino({ name: 'counter', level: process.env['LOG_LEVEL'] ?? 'warn' }, pino.destination(2))

const report = (error: unknown) => {
  if (isFault(error)) log.warn({ err: error }, 'trouble')
}

async function main(dataDir: string): Promise<void> {
  const terminal = await composeTerminal({
    dataDir,
    keyStore: fileKeyStore(join(dataDir, 'terminal.key')),
    demo: values.demo,
    serverUrl: invitedTo(process.env),
    onError: report,
  })
  await joinIfInvited(terminal, process.env)
  const pageDir = join(import.meta.dirname, '../../out/renderer')
  const host = await startHost({ router: terminal.router, pageDir, port: Number(values.port), onError: report })
  let closing = false
  const close = async () => {
    if (closing) return
    closing = true
    await host.close()
    await terminal.close()
    process.exit(0)
  }
  process.on('SIGINT', () => void close())
  process.on('SIGTERM', () => void close())
  process.on('disconnect', () => void close())
  if (process.connected) process.send?.({ ready: host.url })
  console.log(`counter: ${host.url}`)
}

if (!values.data) {
  console.error('--data names the folder this counter keeps its data in')
  process.exit(2)
}
main(values.data).catch((error: unknown) => {
  console.error(startFaultOf(error))
  process.exit(1)
})
