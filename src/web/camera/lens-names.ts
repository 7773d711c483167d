/** What lenses are called. Pure. */

import type { Lens } from './lenses.ts'

interface Words {
  back: string
  front: string
  unnamed: string
  numbered: (name: string, number: number) => string
}

/**
 * As the phone names them, but for Android's `camera2 0, facing back`, which tells nobody anything.
 *
 * @returns One for each, all different.
 */
export function lensNames(lenses: readonly Lens[], words: Words): string[] {
  const plain = lenses.map(({ label, facing }) => {
    if (label !== '' && !/^camera2? ?\d+/i.test(label)) return label
    return facing === 'environment' ? words.back : facing === 'user' ? words.front : words.unnamed
  })
  return plain.map((name, i) => {
    if (plain.indexOf(name) === plain.lastIndexOf(name)) return name
    return words.numbered(name, plain.slice(0, i + 1).filter((one) => one === name).length)
  })
}
