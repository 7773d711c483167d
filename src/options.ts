/** Every option of the server, in one table: flags, environment variables, rollcall.json, help and docs come from it. */

import { z } from 'zod'

export const KIB = 1024
export const MIB = 1024 * KIB
export const GIB = 1024 * MIB
const HOUR_MS = 3_600_000
const PIB = 1024 ** 5

export type Value = string | number | boolean

/** One option. Its flag and its environment variable follow from its key. */
export interface OptionRow<T extends Value> {
  schema: z.ZodType<T>
  default: T
  /** Unit of the value; empty for words. */
  unit: string
  /** What is allowed, for people. */
  allowed: string
  /** What it does and what follows from it. */
  help: string
  /** Of the flag that turns it off. */
  offHelp?: string
  /** Has no flag, because `ps` shows flags to everybody, and is quoted nowhere. */
  isSecret?: boolean
}

/** The table. A key here is a key of `Config` and of rollcall.json. */
export const OPTIONS = {
  host: text(
    { default: '0.0.0.0', unit: '', allowed: 'an address of this machine; :: is IPv4 and IPv6' },
    'Address to listen on. 127.0.0.1 shuts out every phone; 0.0.0.0 lets in all that reach this machine.',
  ),
  port: whole(
    { default: 50001, min: 0, max: 65535, unit: '' },
    'Port that phones connect to. 0 takes any free one, another each time.',
  ),
  data: text(
    { default: './recordings', unit: 'folder', allowed: "a folder's path" },
    'Where recordings go, a folder each. Made if it is not there; must be on a disk that keeps up.',
  ),
  https: yes(
    'Serve no https.',
    'Serve the same over TLS on a second port, for pages and cameras that ask for it.',
  ),
  httpsPort: whole(
    { default: 50443, min: 0, max: 65535, unit: '' },
    'Port of https and wss. 0 takes any free one. When 50443 is taken the server goes on without https and says so; any other that is taken ends the start.',
  ),
  tlsCert: text(
    { default: '', unit: 'file', allowed: "a PEM file's path; needs tlsKey" },
    'Certificate for https, with the chain above it. Read again when it changes. Without it Rollcall makes one for the names and addresses of this machine, which browsers warn of until they are told to trust it.',
  ),
  tlsKey: text(
    { default: '', unit: 'file', allowed: "a PEM file's path; needs tlsCert" },
    'Private key of tlsCert, without password.',
  ),
  cameraAccess: oneOf(
    ['lan', 'key', 'open'],
    'lan',
    'Who may connect as a camera. lan: private addresses (loopback, 10., 172.16. to 172.31., 192.168., link-local, unique-local) without a key, all others with ?key= in the address. key: nobody without it. open: everybody who reaches the port.',
  ),
  mdns: yes(
    'Announce no name in the network.',
    'Answer to rollcall.local in the local network (multicast DNS), or to rollcall-2.local where another server has that name. Nothing is announced while host is an address of this machine alone.',
  ),
  qr: yes(
    'Show no QR code in the terminal.',
    'Show the address of the camera page as a QR code in the terminal at the start. Only a terminal that is wide enough shows it; logs and pipes never do.',
  ),
  token: {
    schema: z
      .string()
      .trim()
      .refine((word) => word === '' || /^[\x21-\x7e]{16,200}$/.test(word)),
    default: '',
    unit: '',
    allowed: '16 to 200 ASCII characters without spaces',
    help: 'Access token for people and scripts. Left out: the one that was made at the first start; `rollcall token` prints it. No flag, because ps shows flags to everybody.',
    isSecret: true,
  } as OptionRow<string>,
  trustProxy: text(
    { default: '', unit: 'addresses', allowed: 'addresses and networks (10.0.0.0/24), with commas between' },
    'Reverse proxies whose X-Forwarded-For and X-Forwarded-Proto count; nobody else is believed. A proxy on this machine that is not named here makes every camera look as if it were local.',
  ),
  allowedHosts: text(
    { default: '', unit: 'names', allowed: 'host names without port, with commas between' },
    "Further names that browsers and cameras may call this server by; any other is refused with 421. Addresses, localhost, the machine's own name, that with .local, and rollcall.local always go.",
  ),
  ffmpeg: text(
    { default: 'ffmpeg', unit: 'program', allowed: 'a path, or a name on PATH' },
    'Makes thumbnails, the films for browsers of what boards send, and `rollcall mux`; without it recordings are whole but have neither. FFMPEG_BIN comes before the default.',
  ),
  raw: yes(
    'Do not keep stream.h264.',
    'Keep stream.h264, the bytes as the camera sent them, beside stream.mp4. Off halves the disk space; pictures before the first keyframe are then not kept.',
  ),
  fragmentMs: whole(
    { default: 500, min: 100, max: 1000, unit: 'ms' },
    'Pictures at most this long are gathered before they are written: the most that a killed process loses.',
  ),
  syncIntervalMs: whole(
    { default: 1000, min: 100, max: 60_000, unit: 'ms' },
    'Pictures are forced onto the disk at most this long after they came, if the disk keeps up: the most that a power cut loses. Shorter makes the disk work more.',
  ),
  maxGapMs: whole(
    { default: 10_000, min: 1000, max: HOUR_MS, unit: 'ms' },
    'A jump of capture times beyond this begins a new part (stream.2.mp4); a shorter one becomes a picture that stands still.',
  ),
  resumeWindowMs: whole(
    { default: 120_000, min: 1000, max: HOUR_MS, unit: 'ms' },
    'How long the recording of a camera page stays open when its connection is lost, and after a restart: within this time it goes on in the same folder, later in another. That of a board on /esp too, while its take runs, but not after a restart.',
  ),
  maxPacketBytes: whole(
    { default: 16 * MIB, min: 64 * KIB, max: 256 * MIB, unit: 'bytes' },
    'A larger message closes the connection of the camera that sent it.',
  ),
  maxHalfSentBytes: whole(
    { default: 256 * MIB, min: MIB, max: 64 * GIB, unit: 'bytes' },
    'Messages that were begun and not ended may take this much of all connections together, or four times maxPacketBytes if that is more; beyond it the longest end their connections.',
  ),
  maxTextBytes: whole(
    { default: 64 * KIB, min: KIB, max: MIB, unit: 'bytes' },
    'Longer text of a camera is cut to this before it is logged. Lines for people show its first 200 characters.',
  ),
  maxTextsPerSecond: whole(
    { default: 100, min: 1, max: 1_000_000, unit: '' },
    'More text of a camera in a second is not logged but counted; more messages, such as status, close its connection with 1008.',
  ),
  maxPingsPerSecond: whole(
    { default: 1000, min: 10, max: 1_000_000, unit: '' },
    'More WebSocket pings and pongs of one connection in a second close it with 1008.',
  ),
  maxFragments: whole(
    { default: 4096, min: 1, max: 1_000_000, unit: '' },
    'A message in more WebSocket fragments closes the connection that sent it, with 1008.',
  ),
  heartbeatMs: whole(
    { default: 10_000, min: 100, max: HOUR_MS, unit: 'ms' },
    'How often a connection is pinged. One that gives no sign of life for two of these is ended, and its recording closed at the last picture.',
  ),
  helloMs: whole(
    { default: 10_000, min: 100, max: HOUR_MS, unit: 'ms' },
    'A WebSocket that has said nothing for this long after it was opened is closed with 4408; on /esp it may wait to be spoken to.',
  ),
  headersTimeoutMs: whole(
    { default: 10_000, min: 100, max: HOUR_MS, unit: 'ms' },
    'A connection that has not sent the whole head of a request after this is answered 408 and closed, one that sends nothing too.',
  ),
  requestTimeoutMs: whole(
    { default: 30_000, min: 100, max: HOUR_MS, unit: 'ms' },
    'A request that has not come whole after this is answered 408 and closed.',
  ),
  maxConnections: whole(
    { default: 1024, min: 1, max: 1_000_000, unit: '' },
    'Connections at once, in all. One more is answered 503, or cut where many come together. Each takes a file descriptor.',
  ),
  maxConnectionsPerAddress: whole(
    { default: 256, min: 1, max: 1_000_000, unit: '' },
    'Connections at once from one address. One more is answered 429, or cut. Behind a proxy all come from its address: raise it.',
  ),
  maxRecordings: whole(
    { default: 256, min: 1, max: 100_000, unit: '' },
    'Recordings at once. The pictures of one more camera are not recorded but counted; the log says so, and status says unrecorded.',
  ),
  maxParts: whole(
    { default: 1000, min: 1, max: 10_000, unit: '' },
    'Parts of a recording, one for each change of size or jump of the clock. One more closes the recording and its connection, with 1008.',
  ),
  earlyHoldMs: whole(
    { default: 5000, min: 0, max: 60_000, unit: 'ms' },
    'Pictures that come before capture_started are held at most this long; after it they are dropped and counted.',
  ),
  earlyHoldBytes: whole(
    { default: 8 * MIB, min: 0, max: 256 * MIB, unit: 'bytes' },
    'Pictures that come before capture_started are held up to this many bytes; what is more is dropped and counted.',
  ),
  earlyHoldTotalBytes: whole(
    { default: 256 * MIB, min: MIB, max: 64 * GIB, unit: 'bytes' },
    'The same for all cameras together: the camera whose packet is one too many gives up what it holds.',
  ),
  maxQueuedBytes: whole(
    { default: 8 * MIB, min: MIB, max: 1024 * MIB, unit: 'bytes' },
    'Bytes that one recording may have waiting for the disk before its socket is paused; the phone then queues, and in the end hangs up.',
  ),
  maxQueuedTotalBytes: whole(
    { default: 256 * MIB, min: 8 * MIB, max: 64 * GIB, unit: 'bytes' },
    'Bytes that all recordings together may have waiting for the disk before every socket that sends more is paused.',
  ),
  maxViewers: whole(
    { default: 256, min: 0, max: 100_000, unit: '' },
    'Live views at once, in all: a page opens one for each camera that it shows. One more is answered 503.',
  ),
  maxViewersPerCamera: whole(
    { default: 64, min: 0, max: 100_000, unit: '' },
    'Live views of one camera at once. One more is answered 503.',
  ),
  liveGopBytes: whole(
    { default: 8 * MIB, min: 0, max: 256 * MIB, unit: 'bytes' },
    'Of each camera the pictures since its last keyframe are kept up to this many bytes, so that a new viewer has a picture at once. When they are more the keyframe alone is kept, and a new viewer sees it stand still until the next one.',
  ),
  liveGopTotalBytes: whole(
    { default: 256 * MIB, min: 0, max: 64 * GIB, unit: 'bytes' },
    'The same for all cameras together. When it is used up, of further pictures the keyframe alone is kept, or none.',
  ),
  liveQueuedBytes: whole(
    { default: MIB, min: 64 * KIB, max: 256 * MIB, unit: 'bytes' },
    'Bytes that may wait for one viewer. One that has more is sent nothing until the next keyframe. Less makes a slow viewer see newer and fewer pictures.',
  ),
  minFreeBytes: whole(
    { default: GIB, min: 0, max: 1024 * GIB, unit: 'bytes' },
    'With less space free, start is refused with DISK_SPACE_LOW; cameras that stream while the disk is full are recorded again once this much is free.',
  ),
  reserveBytes: whole(
    { default: 64 * MIB, min: MIB, max: 64 * GIB, unit: 'bytes' },
    'Space kept back, besides what the indexes of the open recordings need: with less free, every open recording is closed in order, with DISK_FULL in its errors.',
  ),
  joinRunningTake: yes(
    'Leave alone a camera that connects while a take runs.',
    'A camera that connects while a take runs is started too.',
  ),
  confirmMs: whole(
    { default: 5000, min: 100, max: 60_000, unit: 'ms' },
    'How long start and stop wait for cameras to confirm before they are named as silent.',
  ),
  stopWaitMs: whole(
    { default: 5000, min: 0, max: 60_000, unit: 'ms' },
    'How long quitting waits for the last pictures; what comes later is not recorded.',
  ),
  espKeep: whole(
    { default: 200, min: 0, max: 1_000_000, unit: '' },
    'Newest pictures of each board on /esp that are kept as files, in images/ of the data folder, besides what is recorded. 0 keeps none.',
  ),
  deviceMessagesPerSecond: whole(
    { default: 10, min: 1, max: 10_000, unit: '' },
    'Of a device that sends numbers or JSON on /, more messages in a second are counted and not kept, in memory, on the disk or in the log.',
  ),
  keepDays: whole(
    { default: 0, min: 0, max: 36_500, unit: 'days' },
    'Closed recordings that ended longer ago are removed, the oldest first. 0 keeps them for ever.',
  ),
  keepBytes: whole(
    { default: 0, min: 0, max: PIB, unit: 'bytes' },
    'When all recordings together take more, the oldest closed ones are removed until they take no more. 0 sets no bound.',
  ),
  minFree: whole(
    { default: 0, min: 0, max: PIB, unit: 'bytes' },
    'When less is free on the disk, the oldest closed recordings are removed until so much is free. 0 removes none; any other must be at least minFreeBytes and twice reserveBytes together, or start would be refused while there are recordings to remove. It is looked once a minute, so add what some minutes of recording take.',
  ),
  thumbnails: yes(
    'Make no thumbnails.',
    'Make thumbnail.jpg of the first picture, by ffmpeg in a process of its own.',
  ),
  ffmpegTimeoutMs: whole(
    { default: 20_000, min: 1000, max: 600_000, unit: 'ms' },
    'An ffmpeg that makes a thumbnail for longer is killed; that recording has none.',
  ),
  logLevel: oneOf(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
    'info',
    'The least that is logged. From warn on, who connects and what is recorded is not shown.',
  ),
  logFormat: oneOf(
    ['text', 'json'],
    'text',
    'text is for people and shortens what cameras say; json is one object a line, for programs, the addresses at the start and the answers to commands included.',
  ),
}

function text(row: { default: string; unit: string; allowed: string }, help: string): OptionRow<string> {
  // What is empty by default may be emptied again.
  const schema = row.default === '' ? z.string().trim() : z.string().trim().min(1)
  return { schema, ...row, help }
}

function whole(
  range: { default: number; min: number; max: number; unit: string },
  help: string,
): OptionRow<number> {
  const { default: value, min, max, unit } = range
  const schema = z.number().int().min(min).max(max)
  return { schema, default: value, unit, allowed: `a whole number from ${min} to ${max}`, help }
}

function yes(offHelp: string, help: string): OptionRow<boolean> {
  return { schema: z.boolean(), default: true, unit: '', allowed: 'true or false', help, offHelp }
}

function oneOf<const T extends string>(words: readonly T[], value: NoInfer<T>, help: string): OptionRow<T> {
  return { schema: z.enum(words), default: value, unit: '', allowed: `one of ${words.join(', ')}`, help }
}
