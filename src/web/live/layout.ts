/**
 * Where the tiles stand, so that the pictures are as large as the screen lets them be.
 *
 * Pure: sizes in, rectangles out, all in CSS pixels.
 */

export interface Box {
  left: number
  top: number
  width: number
  height: number
  /** Stays where it is when the rest is scrolled. */
  isPinned?: true
}

export interface Layout {
  /** A tile for each camera, in their order: its picture and the bar below. */
  tiles: Box[]
  /** More than the room's height when it is to be scrolled. */
  height: number
}

export interface Room {
  count: number
  width: number
  height: number
  /** Between tiles. */
  gap: number
  /** Height of the bar below each picture. */
  bar: number
  /** Index of the one that is shown big; left out: all are equal. */
  big?: number | undefined
}

/** Width of a picture by its height. */
const RATIO = 16 / 9
/** Smaller pictures are of no use: rather scroll. */
const MIN_WIDTH = 168
/** Share of the room that the others take beside a big one. */
const STRIP_SHARE = 0.18

export function layoutTiles(room: Room): Layout {
  if (room.count === 0) return { tiles: [], height: 0 }
  return room.big === undefined || room.count === 1 ? grid(room) : oneBig(room, room.big)
}

/** The number of columns with which the pictures are largest; rows are centred. */
function grid({ count, width, height, gap, bar }: Room): Layout {
  const most = Math.max(1, Math.floor((width + gap) / (MIN_WIDTH + gap)))
  let best = { columns: 1, picture: 0 }
  for (let columns = 1; columns <= Math.min(count, most); columns += 1) {
    const rows = Math.ceil(count / columns)
    const byWidth = (width - gap * (columns - 1)) / columns
    const byHeight = ((height - gap * (rows - 1)) / rows - bar) * RATIO
    const picture = Math.min(byWidth, byHeight)
    if (picture > best.picture) best = { columns, picture }
  }
  if (best.picture < MIN_WIDTH) best = { columns: Math.min(count, most), picture: 0 }
  const { columns } = best
  const rows = Math.ceil(count / columns)
  const tileWidth = Math.floor(best.picture || (width - gap * (columns - 1)) / columns)
  const tileHeight = Math.floor(tileWidth / RATIO) + bar
  const all = rows * tileHeight + gap * (rows - 1)
  const top = Math.max(0, Math.floor((height - all) / 2))
  const tiles = Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns)
    const inRow = Math.min(columns, count - row * columns)
    const rowWidth = inRow * tileWidth + gap * (inRow - 1)
    return {
      left: Math.floor((width - rowWidth) / 2) + (i % columns) * (tileWidth + gap),
      top: top + row * (tileHeight + gap),
      width: tileWidth,
      height: tileHeight,
    }
  })
  return { tiles, height: Math.max(height, all) }
}

/** One as large as it can be; the others in a strip beside it, or below where the room is tall. */
function oneBig(room: Room, big: number): Layout {
  return room.width / room.height > 1.3 ? stripBeside(room, big) : stripBelow(room, big)
}

function stripBeside({ count, width, height, gap, bar }: Room, big: number): Layout {
  const stripWidth = Math.max(MIN_WIDTH, Math.floor(width * STRIP_SHARE))
  const smallHeight = heightOf(stripWidth, bar)
  const bigWidth = Math.floor(Math.min(width - stripWidth - gap, (height - bar) * RATIO))
  // Both stand together in the middle.
  const left = Math.floor((width - bigWidth - gap - stripWidth) / 2)
  const bigHeight = heightOf(bigWidth, bar)
  const top = Math.max(0, Math.floor((height - bigHeight) / 2))
  const tiles = placed(
    count,
    big,
    { left, top, width: bigWidth, height: bigHeight, isPinned: true },
    (place) => ({
      left: left + bigWidth + gap,
      top: place * (smallHeight + gap),
      width: stripWidth,
      height: smallHeight,
    }),
  )
  return { tiles, height: lowest(tiles, height) }
}

function stripBelow({ count, width, height, gap, bar }: Room, big: number): Layout {
  const wanted = Math.max(MIN_WIDTH, Math.floor(width * STRIP_SHARE))
  const perRow = Math.min(count - 1, Math.max(2, Math.floor((width + gap) / (wanted + gap))))
  const smallWidth = Math.floor(Math.min((width - gap * (perRow - 1)) / perRow, wanted * 1.3))
  const smallHeight = heightOf(smallWidth, bar)
  const bigRoom = Math.max(height - smallHeight - gap, width / RATIO / 2 + bar)
  const bigWidth = Math.floor(Math.min(width, (bigRoom - bar) * RATIO))
  const bigHeight = heightOf(bigWidth, bar)
  const bigBox = { left: Math.floor((width - bigWidth) / 2), top: 0, width: bigWidth, height: bigHeight }
  const tiles = placed(count, big, bigBox, (place) => ({
    left: (place % perRow) * (smallWidth + gap),
    top: bigHeight + gap + Math.floor(place / perRow) * (smallHeight + gap),
    width: smallWidth,
    height: smallHeight,
  }))
  return { tiles, height: lowest(tiles, height) }
}

/** The big one in its place among the others, which are counted without it. */
function placed(count: number, big: number, bigBox: Box, other: (place: number) => Box): Box[] {
  return Array.from({ length: count }, (_, i) => (i === big ? bigBox : other(i < big ? i : i - 1)))
}

function heightOf(tileWidth: number, bar: number): number {
  return Math.floor(tileWidth / RATIO) + bar
}

function lowest(tiles: readonly Box[], least: number): number {
  return Math.max(least, ...tiles.map(({ top, height }) => top + height))
}
