import { describe, expect, it } from 'vitest'
import { CAMERA_COLOURS } from '../wire/api/cameras.ts'
import { Profiles } from './profiles.ts'

const PIXEL = { address: '192.0.2.7', model: 'Pixel 6a' }

describe('a camera', () => {
  it('gets the lowest number that no other of its address and model has', () => {
    const profiles = new Profiles()
    const [first, second, third] = [1, 2, 3].map(() => profiles.take(PIXEL, 0))
    expect([first!.profile, second!.profile, third!.profile]).toEqual([
      '192.0.2.7 Pixel 6a #1',
      '192.0.2.7 Pixel 6a #2',
      '192.0.2.7 Pixel 6a #3',
    ])
    expect(profiles.take({ ...PIXEL, model: 'iPhone' }, 0).profile).toBe('192.0.2.7 iPhone #1')
    expect(profiles.take({ ...PIXEL, address: '192.0.2.8' }, 0).profile).toBe('192.0.2.8 Pixel 6a #1')
    profiles.release(second!)
    expect(profiles.take(PIXEL, 0)).toBe(second)
    expect(profiles.take(PIXEL, 0).profile).toBe('192.0.2.7 Pixel 6a #4')
  })

  it('finds again what a person gave it', () => {
    const profiles = new Profiles()
    const profile = profiles.take(PIXEL, 0)
    profiles.patch(profile, { name: 'Left', colour: 'pink', order: -3 })
    profiles.patch(profile, {})
    profiles.release(profile)
    const later = new Profiles()
    later.load(JSON.parse(JSON.stringify(profiles.all)))
    expect(later.take(PIXEL, 1e9)).toEqual({
      profile: '192.0.2.7 Pixel 6a #1',
      name: 'Left',
      colour: 'pink',
      order: -3,
      seenAtMs: 1e9,
    })
  })

  it('that connects again and again is worth being saved once a day', () => {
    const profiles = new Profiles()
    const changes = [0, 1000, 86_399_000, 86_400_000, 86_401_000].map((seenAtMs) => {
      profiles.isChanged = false
      profiles.release(profiles.take(PIXEL, seenAtMs))
      return profiles.isChanged
    })
    expect(changes).toEqual([true, false, false, true, false])
  })

  it('loses its name when it is empty', () => {
    const profiles = new Profiles()
    const profile = profiles.take(PIXEL, 0)
    for (const none of ['', null]) {
      profiles.patch(profile, { name: 'Left' })
      profiles.patch(profile, { name: none })
      expect(profile.name).toBeNull()
    }
  })

  it.each([
    [undefined, 'camera'],
    ['', 'camera'],
    ['  \n\t ', 'camera'],
    ['a\u001b[31m\r\nb', 'a [31m b'],
    ['\u202eabc', 'abc'],
    ['x'.repeat(100_000), 'x'.repeat(60)],
    ['📷'.repeat(100), '📷'.repeat(60)],
  ])('of the model %j is known as %j', (model, text) => {
    expect(new Profiles().take({ ...PIXEL, model }, 0).profile).toBe(`192.0.2.7 ${text} #1`)
  })
})

describe('new profiles', () => {
  it('get colours in turn, and a place behind all others', () => {
    const profiles = new Profiles()
    const made = Array.from({ length: 10 }, () => profiles.take(PIXEL, 0))
    expect(made.map(({ colour }) => colour)).toEqual([...CAMERA_COLOURS, ...CAMERA_COLOURS].slice(0, 10))
    expect(made.map(({ order }) => order)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    profiles.patch(made[0]!, { order: 10_000 })
    expect(profiles.take(PIXEL, 0).order).toBe(10_000)
  })

  it('push out the longest unseen of those that are not connected, those with names last', () => {
    const profiles = new Profiles({ maxProfiles: 4 })
    const [connected, named, older, newer] = ['connected', 'named', 'older', 'newer'].map((model, i) =>
      profiles.take({ ...PIXEL, model }, i * 86_400_000),
    )
    profiles.patch(named!, { name: 'Left' })
    for (const profile of [named, older, newer]) profiles.release(profile!)
    const models = () => profiles.all.map(({ profile }) => profile.split(' ')[1])
    profiles.release(profiles.take({ ...PIXEL, model: 'one' }, 9))
    expect(models()).toEqual(['connected', 'named', 'newer', 'one'])
    profiles.take({ ...PIXEL, model: 'two' }, 10)
    profiles.take({ ...PIXEL, model: 'three' }, 11)
    expect(models()).toEqual(['connected', 'named', 'two', 'three'])
    profiles.take({ ...PIXEL, model: 'four' }, 12)
    expect(models()).toEqual(['connected', 'two', 'three', 'four'])
    // All are connected: there are as many as cameras.
    profiles.take({ ...PIXEL, model: 'five' }, 13)
    expect(models()).toContain(connected!.profile.split(' ')[1])
    expect(models()).toHaveLength(5)
  })
})
