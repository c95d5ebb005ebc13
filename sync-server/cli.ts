/** The server's command line. */
import '#storage/require-node.ts'
import { PlainError, runCommand } from './commands.ts'
import { startFaultOf } from './start-fault.ts'

async function main(): Promise<void> {
  console.log(await runCommand(process.argv.slice(2), process.env))
}

main().catch((error: unknown) => {
  console.error(error instanceof PlainError ? error.message : startFaultOf(error))
  process.exit(1)
})
