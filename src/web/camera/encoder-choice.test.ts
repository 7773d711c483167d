import { describe, expect, it } from 'vitest'
import { chooseEncoder, encoderConfigs, levelFor } from './encoder-choice.ts'

const hd = { width: 1280, height: 720, fps: 30, bitrate: 4e6 }

describe('the choice of an encoder', () => {
  it('takes the lowest level that size, rate and bitrate fit in', () => {
    expect(levelFor({ ...hd, width: 640, height: 480 })).toBe(30)
    expect(levelFor(hd)).toBe(31)
    expect(levelFor({ ...hd, fps: 0 })).toBe(31)
    expect(levelFor({ ...hd, fps: 60 })).toBe(32)
    expect(levelFor({ ...hd, width: 1920, height: 1080 })).toBe(40)
    expect(levelFor({ ...hd, width: 1080, height: 1920, fps: 60 })).toBe(42)
    expect(levelFor({ ...hd, bitrate: 16e6 })).toBe(32)
    expect(levelFor({ ...hd, width: 8192, height: 8192 })).toBe(52)
  })

  it('asks for hardware first, and for the simplest profile first', async () => {
    const configs = encoderConfigs(hd)
    expect(configs[0]).toMatchObject({
      codec: 'avc1.42e01f',
      hardwareAcceleration: 'prefer-hardware',
      latencyMode: 'realtime',
      avc: { format: 'annexb' },
    })
    const software = await chooseEncoder(
      hd,
      async ({ hardwareAcceleration }) => hardwareAcceleration === 'prefer-software',
    )
    expect(software).toMatchObject({ codec: 'avc1.42e01f', hardwareAcceleration: 'prefer-software' })
  })

  it('is none where the browser refuses all, by word or by throwing', async () => {
    expect(await chooseEncoder(hd, async () => false)).toBeUndefined()
    expect(await chooseEncoder(hd, () => Promise.reject(new TypeError('codec')))).toBeUndefined()
  })
})
