/**
 * The boxes that say what a video track is: everything in `moov` that does not depend on the samples.
 *
 * Pure. Clauses are of ISO/IEC 14496-12:2022 where no other standard is named.
 */

import type { DecoderConfiguration } from '../h264/parameter-sets.ts'
import type { Sps } from '../h264/sps.ts'
import { box, concat, fourCc, fullBox, u8, u16, u32, u64 } from './boxes.ts'

/** Ticks a second of media time, of movie time too; a capture time in ms is exactly 90 ticks. */
export const TICKS_PER_SECOND = 90_000
export const TICKS_PER_MS = TICKS_PER_SECOND / 1000

/** One video track, as its boxes need it. Any codec: what differs is the sample entry. */
export interface VideoTrack {
  /** A whole VisualSampleEntry box: `avc1Entry(…)`, `mp4vEntry(…)`. */
  sampleEntry: Uint8Array
  /** Compatible brands of the file, its major one first. */
  brands: readonly string[]
  /** Each sample can be shown by itself. */
  isEverySync: boolean
  /** Size shown, in pixels, sample aspect ratio applied. */
  displayWidth: number
  displayHeight: number
  /** When the recording began, ms since 1970 (UTC). */
  createdMs: number
}

/** Seconds from 1904-01-01, where MP4's clock begins (8.2.2.3), to 1970-01-01. */
const SECONDS_1904_TO_1970 = 2_082_844_800
const TRACK_ID = 1
const UNITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
/** `track_enabled` and `track_in_movie` (8.3.2.3). */
const TRACK_FLAGS = 3
/** 72 dpi as 16.16, which every VisualSampleEntry carries (12.1.3.2). */
const DPI_72 = 0x480000

/** Of `mp4v`: JPEG, ISO/IEC 10918-1 (`objectTypeIndication` 0x6C, ISO/IEC 14496-1:2010, table 5), as RFC 6381 has it. */
export const JPEG_CODEC = 'mp4v.6C'
const JPEG_OBJECT_TYPE = 0x6c
/** `streamType` 4 (visual), no `upStream`, the reserved bit (14496-1, 7.2.6.6.2). */
const VISUAL_STREAM = 0x11

/** `ftyp`: ordinary and fragmented readers both find a brand that they know (4.3). */
export function ftyp({ brands }: Pick<VideoTrack, 'brands'>): Uint8Array {
  return box('ftyp', fourCc(brands[0]!), u32(512), ...brands.map(fourCc))
}

/** The track of an H.264 stream (ISO/IEC 14496-15:2022, 5). */
export function h264Track(configuration: DecoderConfiguration, createdMs: number): VideoTrack {
  const { sps } = configuration
  return {
    sampleEntry: avc1Entry(configuration),
    brands: ['isom', 'iso5', 'iso6', 'avc1', 'mp41'],
    isEverySync: false,
    displayWidth: (sps.width * sps.sar.width) / sps.sar.height,
    displayHeight: sps.height,
    createdMs,
  }
}

/** The track of JPEG pictures, each a sample as it came (14496-14:2020, 6.7). */
export function jpegTrack(
  { width, height }: { width: number; height: number },
  createdMs: number,
): VideoTrack {
  return {
    sampleEntry: mp4vEntry(width, height),
    brands: ['isom', 'iso5', 'iso6', 'mp41'],
    isEverySync: true,
    displayWidth: width,
    displayHeight: height,
    createdMs,
  }
}

/**
 * `moov` (8.2.1).
 *
 * @param durationTicks - Presentation time of the whole track; 0 while it grows.
 * @param shiftTicks - How much composition times lie behind presentation times; 0 needs no edit list.
 * @param tables - The content of `stbl` behind `stsd`.
 * @param extensions - `mvex` while the file is fragmented.
 */
export function moov(
  track: VideoTrack,
  times: { durationTicks: number; mediaTicks: number; shiftTicks: number },
  tables: readonly Uint8Array[],
  ...extensions: readonly Uint8Array[]
): Uint8Array {
  const created = Math.floor(track.createdMs / 1000) + SECONDS_1904_TO_1970
  const dates = u64(created, created)
  const stbl = box('stbl', fullBox('stsd', 0, 0, u32(1), track.sampleEntry), ...tables)
  const minf = box('minf', fullBox('vmhd', 0, 1, u16(0, 0, 0, 0)), dataInThisFile(), stbl)
  const mdia = box('mdia', mdhd(dates, times.mediaTicks), fullBox('hdlr', 0, 0, handler()), minf)
  const edits = times.shiftTicks > 0 ? [box('edts', elst(times.durationTicks, times.shiftTicks))] : []
  const trak = box('trak', tkhd(track, dates, times.durationTicks), ...edits, mdia)
  return box('moov', mvhd(dates, times.durationTicks), trak, ...extensions)
}

/** `mvex`: the defaults of every fragment; samples are no sync samples unless said, or all are (8.8.3). */
export function mvex({ isEverySync }: Pick<VideoTrack, 'isEverySync'>): Uint8Array {
  return box(
    'mvex',
    fullBox('trex', 0, 0, u32(TRACK_ID, 1, 0, 0, isEverySync ? SYNC_SAMPLE : NON_SYNC_SAMPLE)),
  )
}

/** `sample_depends_on` 2 (on nothing): a sync sample (8.8.3.1). */
export const SYNC_SAMPLE = 0x02000000
/** `sample_depends_on` 1, `sample_is_non_sync_sample`. */
export const NON_SYNC_SAMPLE = 0x01010000

/** `avc1` with `avcC`, `colr` and `pasp` (14496-15, 5.4.2; 12.1.4, 12.1.5). */
function avc1Entry({ sps, spsUnits, ppsUnits }: DecoderConfiguration): Uint8Array {
  const extras: Uint8Array[] = []
  if (sps.colour) {
    const { primaries, transfer, matrix, fullRange } = sps.colour
    extras.push(box('colr', fourCc('nclx'), u16(primaries, transfer, matrix), u8(fullRange ? 0x80 : 0)))
  }
  if (sps.sar.width !== sps.sar.height) extras.push(box('pasp', u32(sps.sar.width, sps.sar.height)))
  return visualEntry('avc1', sps, box('avcC', avcDecoderConfiguration(sps, spsUnits, ppsUnits)), ...extras)
}

/** `mp4v` with `esds` (14496-14, 6.7.2): what the samples are stands in the object type, there is no configuration. */
function mp4vEntry(width: number, height: number): Uint8Array {
  // Buffer size and bit rates are not known in advance: 0.
  const decoderConfig = descriptor(4, u8(JPEG_OBJECT_TYPE, VISUAL_STREAM, 0, 0, 0), u32(0, 0))
  const syncLayer = descriptor(6, u8(2))
  return visualEntry(
    'mp4v',
    { width, height },
    fullBox('esds', 0, 0, descriptor(3, u16(0), u8(0), decoderConfig, syncLayer)),
  )
}

/** A descriptor of less than 128 bytes (14496-1, 8.3.3). */
function descriptor(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concat(...parts)
  return concat(u8(tag, content.length), content)
}

/** A VisualSampleEntry with what its codec adds (12.1.3). */
function visualEntry(
  type: string,
  { width, height }: { width: number; height: number },
  ...extras: readonly Uint8Array[]
): Uint8Array {
  return box(
    type,
    new Uint8Array(6),
    u16(1),
    new Uint8Array(16),
    u16(width, height),
    u32(DPI_72, DPI_72, 0),
    u16(1),
    new Uint8Array(32),
    u16(24, 0xffff),
    ...extras,
  )
}

/** AVCDecoderConfigurationRecord with four-byte NAL lengths (14496-15, 5.3.3.1). */
function avcDecoderConfiguration(sps: Sps, spsUnits: Uint8Array[], ppsUnits: Uint8Array[]): Uint8Array {
  const sets = (units: Uint8Array[]) => units.map((unit) => concat(u16(unit.length), unit))
  const spsSets = spsUnits.slice(0, 31)
  const ppsSets = ppsUnits.slice(0, 255)
  const parts = [u8(1, sps.profileIdc, sps.constraints, sps.levelIdc, 0xff, 0xe0 | spsSets.length)]
  parts.push(...sets(spsSets), u8(ppsSets.length), ...sets(ppsSets))
  if (![66, 77, 88].includes(sps.profileIdc))
    parts.push(u8(0xfc | sps.chromaFormat, 0xf8 | (sps.bitDepthLuma - 8), 0xf8 | (sps.bitDepthChroma - 8), 0))
  return concat(...parts)
}

/** `mvhd` version 1 (8.2.2). */
function mvhd(dates: Uint8Array, durationTicks: number): Uint8Array {
  const head = [
    dates,
    u32(TICKS_PER_SECOND),
    u64(durationTicks),
    u32(0x10000),
    u16(0x100),
    new Uint8Array(10),
  ]
  return fullBox('mvhd', 1, 0, ...head, UNITY_MATRIX, new Uint8Array(24), u32(TRACK_ID + 1))
}

/** `tkhd` version 1 (8.3.2). */
function tkhd(track: VideoTrack, dates: Uint8Array, durationTicks: number): Uint8Array {
  const size = u32(Math.round(track.displayWidth * 65536), Math.round(track.displayHeight * 65536))
  const head = [dates, u32(TRACK_ID, 0), u64(durationTicks), u32(0, 0), u16(0, 0, 0, 0)]
  return fullBox('tkhd', 1, TRACK_FLAGS, ...head, UNITY_MATRIX, size)
}

/** `elst`: presentation begins at `shiftTicks` of media time (8.6.6). */
function elst(durationTicks: number, shiftTicks: number): Uint8Array {
  return fullBox('elst', 1, 0, u32(1), u64(durationTicks, shiftTicks), u16(1, 0))
}

/** `mdhd` version 1, language undetermined (8.4.2). */
function mdhd(dates: Uint8Array, mediaTicks: number): Uint8Array {
  return fullBox('mdhd', 1, 0, dates, u32(TICKS_PER_SECOND), u64(mediaTicks), u16(0x55c4, 0))
}

function handler(): Uint8Array {
  return concat(u32(0), fourCc('vide'), u32(0, 0, 0), fourCc('Rollcall'), u8(0))
}

/** `dinf`: the samples lie in this very file (8.7.1, 8.7.2). */
function dataInThisFile(): Uint8Array {
  return box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)))
}
