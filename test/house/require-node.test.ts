import { describe, expect, it } from 'vitest'

describe('the Node that runs this', () => {
  it('is the one that npm put in place', () => {
    expect(Number(process.versions.node.split('.')[0])).toBeGreaterThanOrEqual(24)
  })
})
