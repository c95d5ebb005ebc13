import { describe, expect, it } from 'vitest'
import { pack, unpack } from './packed.ts'

describe('packing', () => {
  it.each([0, 1, 100_000])('gives %i bytes back as they were', (size) => {
    const bytes = Uint8Array.from({ length: size }, (_, n) => n % 251)
    expect(unpack(pack(bytes), size)).toEqual(Buffer.from(bytes))
  })

  it('makes no more of it than it says it is', () => {
    const packed = pack(new Uint8Array(50_000_000))
    expect(packed.byteLength).toBeLessThan(10_000)
    expect(unpack(packed, 1_000)).toBeNull()
    expect(unpack(packed, 50_000_001)).toBeNull()
  })

  it('is nothing when it is torn, or was never packed', () => {
    const packed = pack(Buffer.from('咖啡'.repeat(1_000)))
    expect(unpack(packed.subarray(0, -3), 6_000)).toBeNull()
    expect(unpack(Buffer.from('{"v":1}'), 7)).toBeNull()
    expect(unpack(new Uint8Array(), 0)).toBeNull()
  })
})
