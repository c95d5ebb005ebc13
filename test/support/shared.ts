/** What the whole run shares, each made when it is first asked for. */
import { join } from 'node:path'
import { inject } from 'vitest'
import type { DatabaseKind } from '#storage/migrate.ts'
import type { programs } from './build-programs.ts'

/** The folder of the page as it ships, where `npm start` makes it and finds it. */
export const builtPage = async (page: 'counter' | 'member'): Promise<string> =>
  join(await shared('/pages'), page === 'counter' ? 'renderer' : 'member')

/** The script of a program that runs as a process of its own. */
export const builtProgram = async (name: keyof typeof programs): Promise<string> =>
  join(await shared('/programs'), `${name}.js`)

/** The `BrowserProgram` that the run uses, as JSON. */
export const browserProgram = (): Promise<string> => shared('/browser')

/** The URL of the run's real PostgreSQL. */
export const postgresUrl = (): Promise<string> => shared('/postgres')

/** The name of its migrated, empty database that others are copied from. */
export const migratedTemplate = (kind: DatabaseKind): Promise<string> => shared(`/postgres/${kind}`)

/** Fails, and so fails its test, where the thing cannot be had. */
async function shared(name: string): Promise<string> {
  const answer = await fetch(inject('shared') + name)
  const text = await answer.text()
  if (!answer.ok) throw new Error(text)
  return text
}
