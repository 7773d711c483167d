/** Multicast DNS asked by hand, RFC 6762: bytes that we wrote, over a socket of our own. */

import { createSocket } from 'node:dgram'
import { networkInterfaces } from 'node:os'

const GROUP = '224.0.0.251'
const PORT = 5353
/** Asked again after this long: packets get lost. */
const AGAIN_MS = 250
const TYPES = { A: 1, PTR: 12, SRV: 33 } as const

/** An address of this machine that others reach; undefined where it has none, or multicast does not come back on it. */
export async function multicastAddress(): Promise<string | undefined> {
  const address = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address
  if (!address) return undefined
  // A group and port of our own: whether what is sent to a group comes back.
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  try {
    return await new Promise<string | undefined>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('message', () => resolve(address))
      socket.bind(0, () => {
        socket.setMulticastInterface(address)
        socket.addMembership('224.0.0.251', address)
        socket.send('?', socket.address().port, GROUP, (error) => error && reject(error))
        setTimeout(resolve, AGAIN_MS * 2, undefined)
      })
    })
  } catch {
    return undefined
  } finally {
    socket.close()
  }
}

/** Asks for a name until `isEnough` of what was answered; gives data of the records of that type, as text. */
export async function askMulticast(
  name: string,
  type: keyof typeof TYPES,
  from: string,
  isEnough: (answers: ReadonlySet<string>) => boolean,
): Promise<string[]> {
  const socket = createSocket('udp4')
  const answers = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('message', (message) => {
        for (const record of recordsIn(message))
          if (record.type === TYPES[type] && record.name === name) answers.add(record.data)
        if (isEnough(answers)) resolve()
      })
      socket.bind(0, () => {
        socket.setMulticastInterface(from)
        const ask = () => socket.send(question(name, TYPES[type]), PORT, GROUP)
        ask()
        timer = setInterval(ask, AGAIN_MS)
      })
    })
  } finally {
    clearInterval(timer)
    socket.close()
  }
  return [...answers].sort()
}

/** One question; it comes from another port than 5353, so the answer comes to that (6.7). */
function question(name: string, type: number): Buffer {
  const labels = name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)]))
  const head = Buffer.from([0x52, 0x43, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
  return Buffer.concat([head, ...labels, Buffer.from([0, 0, type, 0, 1])])
}

/** The records of an answer (RFC 1035, 4.1); data of types that we do not know are empty. */
function recordsIn(message: Buffer): { name: string; type: number; data: string }[] {
  let at = 12
  const nameAt = (start: number): { name: string; end: number } => {
    const labels: string[] = []
    let [place, end] = [start, -1]
    while (message[place] !== 0) {
      const length = message[place]!
      if (length >= 0xc0) {
        if (end < 0) end = place + 2
        place = message.readUInt16BE(place) & 0x3fff
      } else {
        labels.push(message.toString('utf8', place + 1, place + 1 + length))
        place += 1 + length
      }
    }
    return { name: labels.join('.'), end: end < 0 ? place + 1 : end }
  }
  for (let i = 0; i < message.readUInt16BE(4); i += 1) at = nameAt(at).end + 4
  const count = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10)
  return Array.from({ length: count }, () => {
    const { name, end } = nameAt(at)
    const type = message.readUInt16BE(end)
    const data = end + 10
    at = data + message.readUInt16BE(end + 8)
    if (type === TYPES.A) return { name, type, data: [...message.subarray(data, at)].join('.') }
    if (type === TYPES.PTR) return { name, type, data: nameAt(data).name }
    if (type === TYPES.SRV)
      return { name, type, data: `${nameAt(data + 6).name}:${message.readUInt16BE(data + 4)}` }
    return { name, type, data: '' }
  })
}
