import { afterEach, expect, it, vi } from 'vitest'
import { otherCodecs } from './ability.ts'

afterEach(() => vi.unstubAllGlobals())

it('names what a browser encodes besides H.264, as the page says it', async () => {
  const isConfigSupported = async ({ codec }: { codec: string }) => {
    if (codec.startsWith('av01')) throw new TypeError('unknown')
    return { supported: codec.startsWith('vp') }
  }
  vi.stubGlobal('VideoEncoder', { isConfigSupported })
  expect(await otherCodecs()).toEqual(['VP8', 'VP9'])
})
