/** The limit of A and B: the very rows they came to, put into the same files by bare multi-row inserts. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { z } from 'zod'
import { COUNTER_FILE } from '#main/restore/put-in-place.ts'
import { bareDrain, insertAll } from '#bench/support/bare-drain.ts'
import type { Material } from './material.ts'
import type { Work } from './system.ts'

const Row = z.array(z.union([z.string(), z.number(), z.null()]))
/** As many as a page of a pull has. */
const ROWS_A_COMMIT = 1_000

/** Seconds for the server's rows; for A, for the second counter's too. */
export function bareSeconds(work: Work, material: Material, files: { server: string; counters: string[] }): number {
  const [counter] = files.counters
  if (counter === undefined) throw new Error('nothing was pushed')
  const before = `${files.server}-bare`
  copyFileSync(material.server, before)
  // Its chain was opened before.
  const seconds = bareDrain(files.server, before, terminalOf(counter), 1)
  return work === 'A' ? seconds + barePull(material, files.server) : seconds
}

const Identity = z.object({ terminal: z.string() })

function terminalOf(counter: string): string {
  const db = new Database(counter, { readonly: true })
  const { value } = z
    .object({ value: z.string() })
    .parse(db.prepare("select value from meta where key = 'identity'").get())
  db.close()
  return Identity.parse(JSON.parse(value)).terminal
}

/** Members and lots that have changed, over what the second counter knew of them. */
function barePull(material: Material, server: string): number {
  const file = `${server}-second`
  copyFileSync(join(material.second, COUNTER_FILE), file)
  const from = new Database(server, { readonly: true })
  const to = new Database(file)
  to.pragma('journal_mode = WAL')
  to.pragma('synchronous = FULL')
  to.pragma('wal_autocheckpoint = 0')
  to.pragma('cache_size = -65536')
  let ms = 0
  for (const table of ['member', 'lot']) {
    const columns = z.array(z.object({ name: z.string() })).parse(to.pragma(`table_info(${table})`))
    const names = columns.map(({ name }) => name)
    const others = names.filter((name) => name !== 'id').map((name) => `${name} = excluded.${name}`)
    const changed = z.array(Row).parse(
      from
        .prepare(`select ${names.join(', ')} from ${table} where seq > 1 order by seq`)
        .raw()
        .all(),
    )
    const start = performance.now()
    for (let at = 0; at < changed.length; at += ROWS_A_COMMIT) {
      to.exec('begin immediate')
      insertAll(to, table, changed.slice(at, at + ROWS_A_COMMIT), `on conflict do update set ${others.join(', ')}`)
      to.exec('commit')
    }
    ms += performance.now() - start
  }
  from.close()
  to.close()
  return ms / 1_000
}
