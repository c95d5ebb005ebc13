import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { tempDir } from '#test/support/temp.ts'
import { startFaultOf } from './start-fault.ts'

/** What this throws. */
function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describe('startFaultOf', () => {
  it('says that a folder cannot be written to', () => {
    const dir = tempDir()
    const file = join(dir, 'counter.db')
    new Database(file).exec('create table t (x)').close()
    const readOnly = thrownBy(() => new Database(file, { readonly: true }).exec('insert into t values (1)'))
    expect(startFaultOf(readOnly)).toContain('cannot be written to')
    mkdirSync(join(dir, 'folder.db'))
    expect(startFaultOf(thrownBy(() => new Database(join(dir, 'folder.db'))))).toContain('cannot be written to')
    const denied = Object.assign(new Error('no'), { code: 'EACCES' })
    expect(startFaultOf(denied)).toContain('cannot be written to')
  })

  it('says that the disk is full, or the port taken', () => {
    const db = new Database(join(tempDir(), 'counter.db'))
    db.exec('create table t (x)').pragma('max_page_count = 2')
    const full = thrownBy(() => db.exec(`insert into t values (zeroblob(100000))`))
    db.close()
    expect(startFaultOf(full)).toContain('The disk is full')
    expect(startFaultOf(Object.assign(new Error('in use'), { code: 'EADDRINUSE' }))).toContain('The port is taken')
  })

  it('says that the file is damaged, however SQLite found it out', () => {
    for (const code of ['SQLITE_CORRUPT', 'SQLITE_CORRUPT_INDEX', 'SQLITE_NOTADB']) {
      expect(startFaultOf(new Database.SqliteError('malformed', code))).toContain('is damaged')
    }
  })

  it('tells what it has no words for as it is', () => {
    expect(startFaultOf(new Error('a strange thing'))).toContain('a strange thing')
    expect(startFaultOf('just words')).toBe('just words')
  })
})
