/** Whether a counter's file can be relied on: its pages, and the latest links of its chains. */
import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'
import { readEvent } from '#core/ledger/event.ts'

/** Thrown for a file whose pages or chain do not hold together. */
export class DamagedFileError extends Error {
  readonly code = 'damagedFile'
}

/** How many of the latest events are verified. */
const LATELY = 1_000

/** Reads every page, and the latest events of the file. Throws DamagedFileError, or SQLite's error for what is no database. */
export function checkFile(file: string): void {
  const raw = new Database(file, { readonly: true, fileMustExist: true })
  try {
    const found = raw.pragma('quick_check(1)', { simple: true })
    if (found !== 'ok') throw new DamagedFileError(`the file's pages do not hold together: ${String(found)}`)
    checkChains(raw)
  } finally {
    raw.close()
  }
}

type Row = { terminal: string; epoch: string; seq: number; hash: string; text: string }

function checkChains(raw: Database.Database): void {
  if (!raw.prepare("select 1 from sqlite_master where name = 'event'").get()) return
  const heads = raw.prepare<[], Row>('select terminal, epoch, max(seq) as seq from event group by terminal, epoch')
  const latest = raw.prepare<[string, string, number], Row>(
    'select seq, hash, text from event where terminal = ? and epoch = ? and seq > ? order by seq',
  )
  for (const { terminal, epoch, seq } of heads.all()) {
    let before: Row | null = null
    for (const row of latest.all(terminal, epoch, seq - LATELY)) {
      if (!holds(row, before)) throw new DamagedFileError(`event ${row.seq} of ${epoch} is not what was written`)
      before = row
    }
  }
}

function holds({ seq, hash, text }: Row, before: Row | null): boolean {
  if (createHash('sha256').update(text).digest('hex') !== hash) return false
  const read = readEvent(text)
  // For the migrations to refuse: this program is too old for the file.
  if (!read.ok) return read.reason === 'newerVersion'
  if (read.event.seq !== seq) return false
  return before === null || (read.event.previous === before.hash && seq === before.seq + 1)
}
