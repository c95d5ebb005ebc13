/** How SQLite answers what a counter asks of its file: by an index, or by looking through a table. */
import { CompiledQuery } from 'kysely'
import type { Counter } from '#main/counter/counter.ts'

/** The plans of all that is asked meanwhile. */
export async function plansOf(counter: Counter, work: (counter: Counter) => Promise<unknown>): Promise<string[]> {
  const { db } = counter
  const asked: CompiledQuery[] = []
  const watched = db.withPlugin({
    transformQuery: ({ node, queryId }) => {
      asked.push(db.getExecutor().compileQuery(node, queryId))
      return node
    },
    transformResult: async ({ result }) => result,
  })
  await work({ ...counter, db: watched })
  const plans: string[] = []
  for (const query of asked) {
    const explained = CompiledQuery.raw(`explain query plan ${query.sql}`, [...query.parameters])
    const { rows } = await db.executeQuery<{ detail: string }>(explained)
    plans.push(...rows.map(({ detail }) => detail))
  }
  return plans
}
