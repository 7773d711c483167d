/** The bytes that every MP4 box is made of (ISO/IEC 14496-12:2022, 4.2). Pure. */

/** A box: 32-bit size, four-character type, then the parts one behind the other. */
export function box(type: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return concat(boxHeader(type, BOX_HEADER_BYTES + byteLength(parts)), ...parts)
}

/** A full box: `box` with a version and 24 bits of flags first (4.2.2). */
export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  return box(type, u32(version * 2 ** 24 + flags), ...parts)
}

export const BOX_HEADER_BYTES = 8

/** The 8 bytes before a box's content; `size` counts them in. */
export function boxHeader(type: string, size: number): Uint8Array {
  return concat(u32(size), fourCc(type))
}

/** A box's type as the 32-bit number that it is on disk. */
export function typeCode(type: string): number {
  let code = 0
  for (let i = 0; i < 4; i += 1) code = code * 256 + type.charCodeAt(i)
  return code
}

export function fourCc(type: string): Uint8Array {
  return Uint8Array.from(type, (letter) => letter.charCodeAt(0))
}

/** Unsigned 8-bit values. */
export function u8(...values: number[]): Uint8Array {
  return Uint8Array.from(values)
}

/** Unsigned (or two's complement) 16-bit big-endian values. */
export function u16(...values: number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [(value >> 8) & 255, value & 255]))
}

/** Unsigned (or two's complement) 32-bit big-endian values. */
export function u32(...values: number[]): Uint8Array {
  return u32List(values)
}

/** As `u32`, of a list of any length. */
export function u32List(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4))
  for (let i = 0; i < values.length; i += 1) view.setUint32(i * 4, values[i]!)
  return new Uint8Array(view.buffer)
}

/** Unsigned 64-bit big-endian values, each a safe integer. */
export function u64(...values: number[]): Uint8Array {
  return u32(...values.flatMap((value) => [Math.floor(value / 2 ** 32), value % 2 ** 32]))
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(byteLength(parts))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Bytes of all parts together. */
export function byteLength(parts: readonly Uint8Array[]): number {
  let total = 0
  for (const part of parts) total += part.length
  return total
}
