/** A process of the bench that does what it is asked: one answer to each request, over the channel between them. */
import { fork } from 'node:child_process'
import { z } from 'zod'

type Arguments = Record<string, string | number>

export type Remote = {
  ask<T>(what: string, answer: z.ZodType<T>, args?: Arguments): Promise<T>
  /** Asks for what has no answer but that it is done. */
  do(what: string, args?: Arguments): Promise<void>
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>
}

const Answer = z.object({ n: z.number(), value: z.unknown().optional(), error: z.string().optional() })
type Answer = z.infer<typeof Answer>

export function startProcess(script: string, args: readonly string[] = []): Remote {
  const child = fork(script, args)
  const waiting = new Map<number, { take: (answer: Answer) => void; fail: (error: Error) => void }>()
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      for (const { fail } of waiting.values()) fail(new Error('the process has ended'))
      resolve()
    })
  })
  let asked = 0
  child.on('message', (message) => {
    const answer = Answer.parse(message)
    waiting.get(answer.n)?.take(answer)
    waiting.delete(answer.n)
  })
  const ask: Remote['ask'] = async (what, schema, rest = {}) => {
    const n = (asked += 1)
    const answer = await new Promise<Answer>((take, fail) => {
      waiting.set(n, { take, fail })
      child.send({ ...rest, n, ask: what }, (error) => error && fail(error))
    })
    if (answer.error !== undefined) throw new Error(answer.error)
    return schema.parse(answer.value)
  }
  return {
    ask,
    do: async (what, rest) => void (await ask(what, z.unknown(), rest)),
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

type Asked = Arguments & { n: number; ask: string }
const Asked = z.object({ n: z.number(), ask: z.string() }).catchall(z.union([z.string(), z.number()]))

/** The other end: answers the parent's requests by their names until it goes away. */
export function answerParent(answers: Record<string, (asked: Asked) => Promise<unknown>>): void {
  process.on('message', (message) => {
    const asked = Asked.parse(message)
    const work = answers[asked.ask] ?? (() => Promise.reject(new Error(`nothing answers "${asked.ask}"`)))
    work(asked).then(
      (value) => process.send?.({ n: asked.n, value: value ?? null }),
      (error: unknown) => process.send?.({ n: asked.n, error: error instanceof Error ? error.message : String(error) }),
    )
  })
  process.on('disconnect', () => process.exit(0))
}
