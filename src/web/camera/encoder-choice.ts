/** Which H.264 encoder is asked for, in which order. Pure but for the question to the browser, which it is given. */

export interface WantedPicture {
  width: number
  height: number
  /** 0 counts as 30. */
  fps: number
  /** Bits a second. */
  bitrate: number
}

/** level_idc, macroblocks a second and a picture, kbit/s of the baseline profile (H.264 Table A-1). */
const LEVELS = [
  [30, 40_500, 1620, 10_000],
  [31, 108_000, 3600, 14_000],
  [32, 216_000, 5120, 20_000],
  [40, 245_760, 8192, 20_000],
  [42, 522_240, 8704, 50_000],
  [50, 589_824, 22_080, 135_000],
  [51, 983_040, 36_864, 240_000],
  [52, 2_073_600, 36_864, 240_000],
] as const
const USUAL_FPS = 30
/** profile_idc and constraint flags, hex: constrained baseline, baseline, main, high. The simplest decode everywhere. */
const PROFILES = ['42e0', '4200', '4d00', '6400']
const HARDWARE: HardwareAcceleration[] = ['prefer-hardware', 'prefer-software']

/** level_idc (H.264 A.3.1) of the lowest level that such pictures fit in; the highest when none does. */
export function levelFor({ width, height, fps, bitrate }: WantedPicture): number {
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16)
  const blocksPerSecond = blocks * (fps || USUAL_FPS)
  const level = LEVELS.find(
    ([, rate, size, kbps]) => blocksPerSecond <= rate && blocks <= size && bitrate <= kbps * 1000,
  )
  return (level ?? LEVELS.at(-1)!)[0]
}

/** All that may be tried, the best first. */
export function encoderConfigs(wanted: WantedPicture): VideoEncoderConfig[] {
  const { width, height, fps, bitrate } = wanted
  const level = levelFor(wanted).toString(16).padStart(2, '0')
  return HARDWARE.flatMap((hardwareAcceleration) =>
    PROFILES.map((profile) => ({
      codec: `avc1.${profile}${level}`,
      width,
      height,
      bitrate,
      framerate: fps || USUAL_FPS,
      latencyMode: 'realtime' as const,
      hardwareAcceleration,
      avc: { format: 'annexb' as const },
    })),
  )
}

/** The first that the browser can do; undefined when it can do none. */
export async function chooseEncoder(
  wanted: WantedPicture,
  isSupported: (config: VideoEncoderConfig) => Promise<boolean>,
): Promise<VideoEncoderConfig | undefined> {
  for (const config of encoderConfigs(wanted)) if (await isSupported(config).catch(() => false)) return config
  return undefined
}
