/** A new counter's start: from typing the code to a counter that knows every member and lot and can sell, over HTTP. */
import { fork } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { copyOf, workFolder, type Ground } from './support/ground.ts'
import { enrolCode, firstMessage, startServer } from './support/server.ts'

const Told = z.object({ seconds: z.number(), rssMb: z.number(), members: z.number(), lots: z.number() })

export type SnapshotFigures = z.infer<typeof Told>

const SCRIPT = fileURLToPath(import.meta.resolve('./support/new-counter.ts'))

export async function measureSnapshot(ground: Ground): Promise<SnapshotFigures> {
  const file = copyOf(ground, 'server', 'snapshot-server')
  const code = await enrolCode(file)
  const server = await startServer(file)
  const data = join(workFolder(ground), 'new-counter')
  mkdirSync(data)
  try {
    const child = fork(SCRIPT, ['--data', data, '--server', server.url, '--code', code])
    return await firstMessage(child, Told)
  } finally {
    await server.stop()
  }
}
