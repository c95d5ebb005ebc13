/** The server as a process of its own, to be killed and started again. */
import { forked, type Forked } from './forked.ts'
import { builtProgram } from './shared.ts'

const SCRIPT = await builtProgram('server')

export type ServerProcess = Forked

/** Starts a server; it is gone when the test is. `env`: DATABASE_URL or DATA_DIR, and PORT (0: any). */
export const startServerProcess = (env: Record<string, string>, flags: string[] = []): ServerProcess =>
  forked(SCRIPT, flags, { LOG_LEVEL: 'warn', ...env })
