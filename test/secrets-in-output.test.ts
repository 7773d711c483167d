/** Keys and tokens never reach the log, a logged URL or an error: all that a real server prints is searched for them. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from './support/folders.ts'
import { TestPhone } from './support/phone.ts'
import { ServerProcess } from './support/process.ts'
import { askForSocket, get, sendRaw } from './support/raw-http.ts'

it.each(['text', 'json'])('at the log level trace, as %s', async (format) => {
  const data = await temporaryFolder()
  const server = await ServerProcess.start([
    '--data',
    data,
    '--log-level',
    'trace',
    '--log-format',
    format,
    '--camera-access',
    'key',
  ])
  const { port } = server
  const content = JSON.parse(await readFile(join(data, '.rollcall/access.json'), 'utf8'))
  const secrets: string[] = [content.accessToken, content.watchToken, content.cameraKey, content.cookieKey]
  const wrong = ['wrong-key-of-somebody', 'wrong-token-of-somebody']
  const [wrongKey, wrongToken] = wrong
  const answers: string[] = []

  const phone = await TestPhone.connect(port, `/android-cam?key=${content.cameraKey}`)
  phone.status('capture_started')
  await phone.acknowledged()
  for (const key of [content.cameraKey, wrongKey, `${content.cameraKey}x`])
    for (const url of [`/?key=${key}`, `/cam?a=b&key=${key}`, `//?key=${key}`, `/%zz?key=${key}`]) {
      answers.push(await askForSocket(port, url), await get(port, url))
      answers.push(await askForSocket(port, url, { Host: 'evil.example' }))
      answers.push(await askForSocket(port, url, { Origin: 'http://evil.example' }))
    }
  for (const token of [content.accessToken, content.watchToken, wrongToken]) {
    const body = JSON.stringify({ token })
    for (const part of [body, body.slice(0, -1), `[${body}`, token])
      answers.push(
        await sendRaw(
          port,
          `POST /api/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${part.length}\r\n\r\n${part}`,
        ),
      )
    answers.push(await get(port, '/nothing', { Authorization: `Bearer ${token}` }))
    answers.push(await get(port, `/nothing?token=${token}`))
    answers.push(await get(port, '/', { Cookie: `rollcall_${port}=${token}` }))
    // Header lines that are none, and a request that is none.
    answers.push(await sendRaw(port, `GET / HTTP/1.1\r\nHost: localhost\r\n${token}\r\n\r\n`))
    answers.push(await sendRaw(port, `${token} ${token} ${token}\r\n\r\n`))
  }
  phone.status('capture_stopped')
  await phone.close()
  expect(await server.end('SIGTERM')).toBe(0)

  // The link for people is no log, and only a terminal for people shows it.
  const lines = server.output.split('\n')
  const links = lines.filter((line) => line.includes('/login#'))
  expect(links).toEqual(format === 'text' ? [`  http://127.0.0.1:${port}/login#${content.accessToken}`] : [])
  const logged = lines.filter((line) => !links.includes(line)).join('\n')
  expect(logged).toContain('a camera was refused')
  for (const secret of [...secrets, ...wrong]) {
    expect(logged.includes(secret), 'a secret in the output').toBe(false)
    expect(
      answers.some((answer) => answer.includes(secret)),
      'a secret in an answer',
    ).toBe(false)
  }
})
