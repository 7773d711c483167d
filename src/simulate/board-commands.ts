/** What the ESP32 camera understands and says: plain text, its answers for people. Pure. */

import { MAX_QUALITY, parseQuality, parseResolution, type Resolution } from '../wire/board.ts'

/** Pixels of each resolution, as the esp32-camera driver has them. */
export const SIZES: Readonly<Record<Resolution, readonly [width: number, height: number]>> = {
  QQVGA: [160, 120],
  QCIF: [176, 144],
  HQVGA: [240, 176],
  '240X240': [240, 240],
  QVGA: [320, 240],
  CIF: [400, 296],
  HVGA: [480, 320],
  VGA: [640, 480],
  SVGA: [800, 600],
  XGA: [1024, 768],
  HD: [1280, 720],
  SXGA: [1280, 1024],
  UXGA: [1600, 1200],
  FHD: [1920, 1080],
  P_HD: [720, 1280],
  P_3MP: [864, 1536],
  QXGA: [2048, 1536],
}

/** What a board captures with. */
export interface BoardSettings {
  resolution: Resolution
  /** 1 to 63; smaller is better. */
  quality: number
}

export type BoardCommand =
  | { kind: 'start'; settings: Partial<BoardSettings> }
  | { kind: 'stop' }
  | { kind: 'status' }
  /** What the board answers to all that it does not understand. */
  | { kind: 'refused'; answer: string }

/** What a board captures with before it was told otherwise. */
export const FIRST_SETTINGS: BoardSettings = { resolution: 'VGA', quality: 12 }

/** Reads a text of the server: `start`, `start UXGA`, `start 12`, `start UXGA 12`, `stop`, `status`. Never throws. */
export function parseBoardCommand(text: string): BoardCommand {
  const [word = '', ...values] = text.trim().split(/\s+/)
  const command = word.toLowerCase()
  if (command === 'start') return parseStart(values)
  if ((command === 'stop' || command === 'status') && values.length === 0) return { kind: command }
  return { kind: 'refused', answer: `ERROR: 未知命令：${text.trim()}` }
}

function parseStart(values: string[]): BoardCommand {
  const settings: Partial<BoardSettings> = {}
  const [first = '', ...rest] = values
  const qualities = /^\d+$/.test(first) || values.length === 0 ? values : rest
  if (qualities !== values) {
    const resolution = parseResolution(first)
    if (!resolution) return { kind: 'refused', answer: `ERROR: 未知分辨率：${first}` }
    settings.resolution = resolution
  }
  if (qualities.length > 1) return { kind: 'refused', answer: `ERROR: 参数过多：${values.join(' ')}` }
  if (qualities.length === 1) {
    const quality = parseQuality(qualities[0]!)
    if (quality === undefined)
      return { kind: 'refused', answer: `ERROR: 质量须为 1 到 ${MAX_QUALITY}：${qualities[0]}` }
    settings.quality = quality
  }
  return { kind: 'start', settings }
}

/** The answer to `start`. */
export function startedText(settings: BoardSettings): string {
  return `ACK: 开始采集，${settingsText(settings)}`
}

/** The answer to `stop`. */
export const STOPPED_TEXT = 'ACK: 停止采集'

/** The answer to `status`. */
export function statusText(settings: BoardSettings, capturing: boolean, pictures: number): string {
  return `STATUS: ${capturing ? '采集中' : '未采集'}，${settingsText(settings)}，已发送 ${pictures} 帧`
}

function settingsText({ resolution, quality }: BoardSettings): string {
  return `分辨率 ${resolution}，质量 ${quality}`
}
