/** One at a time, in the order asked. */
export function mutex(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    last = mine.catch(() => undefined)
    return mine
  }
}

/** One at a time for each key, in the order asked. */
export function mutexPerKey<K>(): <T>(key: K, work: () => Promise<T>) => Promise<T> {
  const queues = new Map<K, { locked: ReturnType<typeof mutex>; waiting: number }>()
  return async (key, work) => {
    const queue = queues.get(key) ?? { locked: mutex(), waiting: 0 }
    queues.set(key, queue)
    queue.waiting += 1
    try {
      return await queue.locked(work)
    } finally {
      queue.waiting -= 1
      if (queue.waiting === 0) queues.delete(key)
    }
  }
}
