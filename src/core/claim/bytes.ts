/** Writing and reading small binary records: big-endian fixed widths, LEB128 varints, length-prefixed ASCII. */

export class ByteWriter {
  readonly #bytes: number[] = []

  /** `width` bytes, most significant first. Throws RangeError when the value does not fit. */
  uint(value: number, width: number): this {
    if (!Number.isInteger(value) || value < 0 || value >= 256 ** width) {
      throw new RangeError(`${value} does not fit ${width} bytes`)
    }
    for (let place = width - 1; place >= 0; place--) this.#bytes.push(Math.floor(value / 256 ** place) % 256)
    return this
  }

  /** Seven bits a byte, least significant first, the top bit saying that more follow. */
  varint(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is not a whole number`)
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes.push((rest % 128) | 128)
    this.#bytes.push(rest)
    return this
  }

  hex(text: string): this {
    for (let at = 0; at < text.length; at += 2) this.uint(Number.parseInt(text.slice(at, at + 2), 16), 1)
    return this
  }

  /** One byte of length, then one byte a character. */
  ascii(text: string): this {
    this.uint(text.length, 1)
    for (let at = 0; at < text.length; at++) this.uint(text.charCodeAt(at), 1)
    return this
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }
}

/** Reads what ByteWriter wrote; every method throws RangeError when the bytes end too soon or are not as it writes them. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  uint(width: number): number {
    return this.#take(width).reduce((value, byte) => value * 256 + byte, 0)
  }

  varint(): number {
    let value = 0
    for (let weight = 1; ; weight *= 128) {
      const byte = this.uint(1)
      value += (byte % 128) * weight
      if (!Number.isSafeInteger(value)) throw new RangeError('a number is too large')
      if (byte < 128) {
        if (byte === 0 && weight > 1) throw new RangeError('a number is not in its shortest form')
        return value
      }
    }
  }

  hex(length: number): string {
    return Array.from(this.#take(length), (byte) => byte.toString(16).padStart(2, '0')).join('')
  }

  ascii(): string {
    return String.fromCharCode(...this.#take(this.uint(1)))
  }

  /** Nothing may be left over. */
  finish(): void {
    if (this.#at !== this.#bytes.length) throw new RangeError('bytes are left over')
  }

  #take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + length)
    if (taken.length !== length) throw new RangeError('the bytes end too soon')
    this.#at += length
    return taken
  }
}
