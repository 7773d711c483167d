/**
 * What a connection is that could be several things: by its path, and by what it says first.
 *
 * On `/` come phones, and devices that send numbers or JSON; one that speaks as a phone later is a phone from then on. On `/esp`
 * come boards, which say nothing, and phones, since any path is theirs. Every other path is a phone's at once.
 */

import { ProtocolError } from '../errors.ts'
import { parseFramePacket } from '../wire/frame-packet.ts'
import { parseCameraMessage } from '../wire/messages.ts'
import type { Connection, Hearer } from './connection.ts'

/** Lines with texts of one address that may be logged in ten seconds: they may all differ. */
const MAX_LINES = 20
/** A phone on `/esp` says what it is at once; who has not by then, in ms, is a board. */
const BOARD_MS = 500

/** A line for the log; lines of one key are the same fault. */
export type Tell = (line: {
  level: 'info' | 'warn'
  key: string
  fields: object
  message: string
  most?: number | undefined
}) => void

/** Waits on `/` for the first words that tell. */
export function waitForWords(
  connection: Connection,
  options: {
    tell: Tell
    /** Whether a text is a device's: a number or JSON. */
    isReading: (text: string) => boolean
    /** Each makes itself the connection's hearer. */
    onPhone: () => void
    /** Gives what takes the connection from the device again. */
    onDevice: () => () => void
  },
): void {
  const { tell, isReading, onPhone, onDevice } = options
  const { address, port, path } = connection
  let malformed = 0
  let isTold = false
  const line = (level: 'info' | 'warn', kind: string, message: string, fields = {}, most?: number) => {
    isTold = true
    const camera = `${address}_${port}`
    tell({ level, key: `${kind} ${address}`, fields: { camera, path, ...fields }, message, most })
  }
  const onReading = () => {
    const before = connection.hearer
    const release = onDevice()
    if (connection.hearer !== before) awaitPhone(connection, release, onPhone)
  }
  connection.hearer = {
    binary: (message) => {
      const fault = packetFault(message)
      if (!fault) return handOver(connection, onPhone, (hearer) => hearer.binary(message))
      malformed += 1
      line('warn', 'malformed', `dropped a packet: ${fault.message}`, { code: fault.code })
    },
    text: (text, isWhole) => {
      if (isWhole && isPhones(text))
        return handOver(connection, onPhone, (hearer) => hearer.text(text, isWhole))
      if (isWhole && isReading(text))
        return handOver(connection, onReading, (hearer) => hearer.text(text, isWhole))
      if (connection.mayText()) line('info', 'text', 'says', { text }, MAX_LINES)
    },
    fault: (error) => {
      const code = error instanceof ProtocolError && { code: error.code }
      line('warn', 'fault', `the connection broke: ${error.message}`, { ...code })
    },
    surplus: () => line('warn', 'surplus', 'says too much: the rest of it is not shown'),
    closed: () => {
      if (malformed > 1) line('warn', 'dropped', 'packets were dropped', { malformed })
      if (!isTold) line('info', 'left', 'left without a word')
    },
  }
}

/** What a phone said first may have been no message of its own: a device is one until it speaks as a phone. */
function awaitPhone(connection: Connection, release: () => void, onPhone: () => void): void {
  const device = connection.hearer
  const become = () => {
    release()
    onPhone()
  }
  connection.hearer = {
    ...device,
    binary: (message) => {
      if (packetFault(message)) device.binary(message)
      else handOver(connection, become, (hearer) => hearer.binary(message))
    },
    text: (text, isWhole) => {
      if (!isWhole || !isPhones(text)) device.text(text, isWhole)
      else handOver(connection, become, (hearer) => hearer.text(text, isWhole))
    },
  }
}

/**
 * Waits on `/esp` a moment for the first words of a phone.
 *
 * @param looked - Which board it is may be known once this has resolved: what it says until then is held.
 */
export function waitForPhone(
  connection: Connection,
  looked: Promise<void>,
  onPhone: () => void,
  onBoard: () => void,
): void {
  const held: ((hearer: Hearer) => void)[] = []
  let isMet = false
  const become = (what: () => void) => {
    isMet = true
    clearTimeout(timer)
    handOver(connection, what, (hearer) => {
      for (const give of held) give(hearer)
    })
  }
  const isBoard = () =>
    looked.then(() => {
      if (isMet) return
      connection.resume()
      become(onBoard)
    })
  const timer = setTimeout(isBoard, BOARD_MS)
  const comes = (isPhone: boolean, give: (hearer: Hearer) => void) => {
    const isFirst = held.push(give) === 1
    if (isFirst && isPhone) return become(onPhone)
    // A few more may have been read already.
    connection.pause()
    if (isFirst) void isBoard()
  }
  const nothing = () => {}
  connection.hearer = {
    binary: (message) => comes(!packetFault(message), (hearer) => hearer.binary(message)),
    text: (text, isWhole) => comes(isWhole && isPhones(text), (hearer) => hearer.text(text, isWhole)),
    fault: nothing,
    surplus: nothing,
    closed: () => {
      isMet = true
      clearTimeout(timer)
    },
  }
}

/** What told is heard by the one that it told of. */
function handOver(connection: Connection, become: () => void, give: (hearer: Hearer) => void): void {
  const before = connection.hearer
  become()
  if (connection.hearer !== before) give(connection.hearer)
}

function isPhones(text: string): boolean {
  return parseCameraMessage(text).kind !== 'unknown'
}

/** Why a message is no frame packet; undefined when it is one. */
function packetFault(message: Buffer): ProtocolError | undefined {
  try {
    parseFramePacket(message)
    return undefined
  } catch (error) {
    if (error instanceof ProtocolError) return error
    throw error
  }
}
