/** The moment at which a counter's power fails, in the middle of what it is doing: as one of its transactions is on disk. */
import Database from 'better-sqlite3'

/** Called with the file whenever a transaction of it has been committed. */
type OnCommit = (file: string) => void

/** Watches every database opened from now on; gives how to stop. */
export function watchCommits(onCommit: OnCommit): () => void {
  const { prepare } = Database.prototype
  Database.prototype.prepare = function (this: Database.Database, text: string) {
    const statement = prepare.call(this, text)
    if (text !== 'commit') return statement
    const { run } = statement
    const file = this.name
    statement.run = () => {
      const result = run.call(statement, [])
      onCommit(file)
      return result
    }
    return statement
  } as typeof prepare
  return () => void (Database.prototype.prepare = prepare)
}
