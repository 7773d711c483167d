/** Bits of a raw byte sequence payload: emulation prevention and Exp-Golomb codes (H.264 7.3.1, 9.1). */

/** Removes `emulation_prevention_three_byte`s from a NAL unit. */
export function rbspOf(unit: Uint8Array): Uint8Array {
  const out = new Uint8Array(unit.length)
  let size = 0
  let zeros = 0
  for (const byte of unit) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0
      continue
    }
    zeros = byte === 0 ? zeros + 1 : 0
    out[size++] = byte
  }
  return out.subarray(0, size)
}

/** Reads bits from the most significant down. Reading past the end throws `RangeError`. */
export class BitReader {
  readonly #bytes: Uint8Array
  #bit: number

  /** @param startBit - Bits to skip at the start. */
  constructor(bytes: Uint8Array, startBit = 0) {
    this.#bytes = bytes
    this.#bit = startBit
  }

  flag(): boolean {
    return this.bits(1) === 1
  }

  /** u(n), n up to 32. */
  bits(count: number): number {
    let value = 0
    for (let i = 0; i < count; i += 1) {
      const byte = this.#bytes[this.#bit >> 3]
      if (byte === undefined) throw new RangeError('ends in the middle of a value')
      value = value * 2 + ((byte >> (7 - (this.#bit & 7))) & 1)
      this.#bit += 1
    }
    return value
  }

  skip(count: number): void {
    this.#bit += count
  }

  /** ue(v), up to 2^32 - 2. */
  ue(): number {
    let zeros = 0
    while (!this.flag()) {
      zeros += 1
      if (zeros > 32) throw new RangeError('has an Exp-Golomb code of more than 32 leading zeros')
    }
    return 2 ** zeros - 1 + this.bits(zeros)
  }

  /** se(v). */
  se(): number {
    const code = this.ue()
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2
  }
}
