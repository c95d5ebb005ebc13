/** Work that is looked for again and again; one run at a time, and a stop that waits for it. */

export type Loop = {
  start(): void
  /** Looks at once instead of at the next turn. */
  wake(): void
  stop(): Promise<void>
}

export function loop(work: () => Promise<unknown>, everyMs: number, onError: (error: unknown) => void): Loop {
  let running: Promise<void> | null = null
  let again = false
  let stopped = true
  let timer: NodeJS.Timeout | undefined

  const turn = (): void => {
    clearTimeout(timer)
    again = false
    running = work()
      .then(() => undefined, onError)
      .then(() => {
        running = null
        if (stopped) return
        if (again) turn()
        else timer = setTimeout(turn, everyMs)
      })
  }

  return {
    start: () => {
      stopped = false
      turn()
    },
    wake: () => {
      if (stopped) return
      if (running) again = true
      else turn()
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
