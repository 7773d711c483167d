/**
 * What a person gave a camera: name, colour, order. The id of a camera is its connection's, another each time; a profile is
 * found again by address, model and a number.
 *
 * Pure: `KeptList` keeps them on the disk.
 */

import { z } from 'zod'
import { CAMERA_COLOURS, type CameraPatch } from '../wire/api/cameras.ts'

/** Profiles that are kept; of those not connected the ones without a name go first, the longest unseen before. */
const MAX_PROFILES = 1000
/** A device may call itself anything: of its model so many characters count. */
const MAX_MODEL_CHARS = 60
/** In place of the model of a device that has not told it. */
const UNKNOWN_MODEL = 'camera'
const MAX_ORDER = 10_000
/** When a camera was last seen is kept to the day: a phone that connects again and again costs no write. */
const DAY_MS = 24 * 3_600_000

export const profileSchema = z.object({
  profile: z.string().min(1).max(200),
  name: z.string().min(1).max(60).nullable(),
  colour: z.enum(CAMERA_COLOURS),
  order: z.int().min(-MAX_ORDER).max(MAX_ORDER),
  seenAtMs: z.number().describe('when a camera last got it, ms since 1970'),
})

export type Profile = z.infer<typeof profileSchema>

export class Profiles {
  readonly #profiles = new Map<string, Profile>()
  readonly #taken = new Set<string>()
  readonly #maxProfiles: number
  /** Something is worth being saved. Whoever saves says so no more. */
  isChanged = false

  constructor(options: { maxProfiles?: number } = {}) {
    this.#maxProfiles = options.maxProfiles ?? MAX_PROFILES
  }

  /** Those of earlier runs. Before the first is taken. */
  load(known: readonly Profile[]): void {
    for (const profile of known) this.#profiles.set(profile.profile, { ...profile })
  }

  get all(): readonly Profile[] {
    return [...this.#profiles.values()]
  }

  /** Gives a camera its profile: the one with the lowest number that no other camera has. `release` it at the end. */
  take(
    camera: { address: string; model: string | undefined; lastingId?: string | undefined },
    seenAtMs: number,
  ): Profile {
    // An id of its own is the same wherever the device connects from.
    const base = camera.lastingId ?? `${camera.address} ${modelText(camera.model)}`
    let n = 1
    while (this.#taken.has(`${base} #${n}`)) n += 1
    const key = `${base} #${n}`
    this.#taken.add(key)
    const profile = this.#profiles.get(key) ?? this.#new(key, seenAtMs)
    if (Math.abs(seenAtMs - profile.seenAtMs) >= DAY_MS) {
      profile.seenAtMs = seenAtMs
      this.isChanged = true
    }
    return profile
  }

  /** Its camera is gone; another may have it. */
  release({ profile }: Profile): void {
    this.#taken.delete(profile)
  }

  /** Gives a camera the profile that another had, in place of its own. */
  pass(to: Profile, own: Profile): void {
    this.#taken.delete(own.profile)
    this.#taken.add(to.profile)
  }

  patch(profile: Profile, { name, colour, order }: CameraPatch): void {
    if (name !== undefined) profile.name = name || null
    if (colour !== undefined) profile.colour = colour
    if (order !== undefined) profile.order = order
    // It may have been dropped since.
    this.#profiles.set(profile.profile, profile)
    this.isChanged = true
  }

  #new(key: string, seenAtMs: number): Profile {
    const orders = [...this.#profiles.values()].map(({ order }) => order)
    const profile: Profile = {
      profile: key,
      name: null,
      colour: CAMERA_COLOURS[this.#profiles.size % CAMERA_COLOURS.length]!,
      order: Math.min(MAX_ORDER, Math.max(-1, ...orders) + 1),
      seenAtMs,
    }
    this.isChanged = true
    this.#makeRoom()
    this.#profiles.set(key, profile)
    return profile
  }

  #makeRoom(): void {
    if (this.#profiles.size < this.#maxProfiles) return
    const idle = [...this.#profiles.values()].filter(({ profile }) => !this.#taken.has(profile))
    idle.sort((a, b) => Number(a.name !== null) - Number(b.name !== null) || a.seenAtMs - b.seenAtMs)
    if (idle[0]) this.#profiles.delete(idle[0].profile)
  }
}

/** Whether devices of one address and model have them. */
export function areAlike(a: Profile, b: Profile): boolean {
  const base = ({ profile }: Profile) => profile.replace(/ #\d+$/, '')
  return base(a) === base(b)
}

/** On one line, without what moves a cursor, and short. */
function modelText(model: string | undefined): string {
  const text = (model ?? '').replaceAll(/[\p{C}\s]+/gu, ' ').trim()
  return [...text].slice(0, MAX_MODEL_CHARS).join('') || UNKNOWN_MODEL
}
