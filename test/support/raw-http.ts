/** Bytes to a server and back, where clients would mend the URL or the headers first. */

import { connect } from 'node:net'

/** Sends these bytes, and gives all that comes until the server ends the connection or has answered once. */
export function sendRaw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    let answer = ''
    socket.on('data', (data) => {
      answer += data.toString('latin1')
      // An upgrade that is taken keeps its connection.
      if (answer.startsWith('HTTP/1.1 101')) socket.destroy()
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

/** Asks for a WebSocket; the answer's head and body. */
export function askForSocket(
  port: number,
  url: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const all = {
    Host: `127.0.0.1:${port}`,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return sendRaw(port, `GET ${url} HTTP/1.1\r\n${lines.join('')}\r\n`)
}

/** `GET` of a URL as it stands here. */
export function get(port: number, url: string, headers: Record<string, string> = {}): Promise<string> {
  const all = { Host: `127.0.0.1:${port}`, Connection: 'close', ...headers }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return sendRaw(port, `GET ${url} HTTP/1.1\r\n${lines.join('')}\r\n`)
}

export function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])
}
