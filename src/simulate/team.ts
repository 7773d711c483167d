/** The devices of one run, each with a name, a seed and an address of its own. */

import { systemClock } from '../time.ts'
import type { SimulatorAccount } from './account.ts'
import { Board } from './board.ts'
import { shownUrl } from './connect.ts'
import type { Device } from './device.ts'
import { JpegSource } from './jpeg-source.ts'
import { NumberBoard } from './number-board.ts'
import type { SimulatorOptions } from './options.ts'
import { Phone } from './phone.ts'
import { PictureSources } from './source.ts'

const CONNECT_PATIENCE_MS = 10_000
/** Devices of one run have seeds this far apart: runs with seeds side by side share none. */
const SEED_STEP = 7919
/** Stands for a device's number in an address. */
const NUMBER_PLACE = '{n}'

export interface Team {
  devices: Device[]
  /** They grow as the devices send. */
  accounts: Pick<SimulatorAccount, 'phones' | 'boards' | 'numbers'>
}

/** @throws {RequestError} `CONFIG_INVALID` when the source cannot be read. */
export async function createTeam(
  options: SimulatorOptions,
  onNotice: (notice: string) => void,
): Promise<Team> {
  const none = { phones: [], boards: [], numbers: [] }
  const ffmpeg = options.ffmpeg ?? 'ffmpeg'
  const members = Array.from({ length: options.cameras }, (_, index) => ({
    url: options.url.replaceAll(NUMBER_PLACE, String(index + 1)),
    seed: options.seed * SEED_STEP + index,
    dropEveryMs: options.dropEveryMs,
    connectPatienceMs: options.connectPatienceMs ?? CONNECT_PATIENCE_MS,
    onWaiting: (reason: string) => onNotice(`waiting for a server at ${shownUrl(options.url)} (${reason})`),
  }))
  const { jitterMs, lossShare, reconnectMs, intervalMs, fps } = options
  if (options.kind === 'number') {
    const devices = members.map(
      (member, index) => new NumberBoard({ ...member, name: `Board ${index + 1}`, reconnectMs, intervalMs }),
    )
    return { devices, accounts: { ...none, numbers: devices.map(({ account }) => account) } }
  }
  if (options.kind === 'esp') {
    const source = new JpegSource({ ffmpeg, onNotice })
    const devices = members.map(
      (member, index) =>
        new Board({
          ...member,
          name: `Board ${index + 1}`,
          ...{ reconnectMs, fps, jitterMs, lossShare },
          makePictures: (request, signal) => source.make(request, signal),
          clock: systemClock,
        }),
    )
    return { devices, accounts: { ...none, boards: devices.map(({ account }) => account) } }
  }
  const sources = await PictureSources.create({ file: options.source, ffmpeg, onNotice })
  const devices = members.map(
    (member, index) =>
      new Phone({
        ...member,
        name: `Camera ${index + 1}`,
        overrides: { fps, bitrateMbps: options.bitrateMbps, size: options.size },
        ...{ jitterMs, lossShare },
        clockOffsetMs: options.clockOffsetMs,
        clockDriftPpm: options.clockDriftPpm,
        autoStart: options.autoStart,
        openSource: (request) => sources.open(request),
        clock: systemClock,
      }),
  )
  return { devices, accounts: { ...none, phones: devices.map(({ account }) => account) } }
}
