import { expect, it } from 'vitest'
import { follow } from './follow.ts'

it('opens the stream again when it ends or breaks, and tells when it is lost', async () => {
  const heard: number[] = []
  let opened = 0
  let lost = 0
  await new Promise<void>((resolve) => {
    const stop = follow<number>({
      async open() {
        opened += 1
        if (opened === 2 || opened === 3) throw new Error('refused')
        return (async function* () {
          yield opened
        })()
      },
      onItem(item) {
        heard.push(item)
        if (item < 4) return
        stop()
        resolve()
      },
      onLost: () => (lost += 1),
    })
  })
  expect(heard).toEqual([1, 4])
  expect(lost).toBe(2)
})

it('closes the stream when told to stop', async () => {
  const heard: string[] = []
  await new Promise<void>((closed) => {
    const stop = follow<string>({
      open: async () =>
        (async function* () {
          try {
            yield 'first'
            yield 'second'
          } finally {
            closed()
          }
        })(),
      onItem(item) {
        heard.push(item)
        stop()
      },
    })
  })
  expect(heard).toEqual(['first'])
})
