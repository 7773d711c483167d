/** `rollcall serve` as a process, and the help: what people type, and what it answers. See also cli-recordings.test.ts. */

import { readdir, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { probe, testPictures } from './support/ffmpeg.ts'
import { recordingsIn, temporaryFolder } from './support/folders.ts'
import { TestPhone } from './support/phone.ts'
import { RollcallProcess, rollcall, ServerProcess } from './support/process.ts'

const PICTURES = 30
const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
)

/** What a server that cannot start leaves: an exit code and one line, without a stack. */
async function refusedServe(args: string[], options?: { env?: NodeJS.ProcessEnv; cwd?: string }) {
  const data = await temporaryFolder()
  const { code, stderr } = await rollcall(['serve', '--port', '0', '--data', data, ...args], options)
  expect(code).toBe(1)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  return stderr
}

describe('rollcall serve', () => {
  it('refuses an unknown key of rollcall.json, naming it and what is allowed', async () => {
    const cwd = await temporaryFolder()
    await writeFile(join(cwd, 'rollcall.json'), '{"prot": 50002}')
    const stderr = await refusedServe([], { cwd })
    expect(stderr).toMatch(/"prot" in rollcall\.json is no option; allowed are host, port, data/)
  })

  it.each([
    ['a flag', ['--fragment-ms', '5'], {}, /fragmentMs \(from --fragment-ms\) must be .* from 100 to 1000/],
    ['a variable', [], { ROLLCALL_LOG_LEVEL: 'loud' }, /ROLLCALL_LOG_LEVEL\) must be one of trace, debug/],
    ['an unknown variable', [], { ROLLCALL_PROT: '1' }, /"ROLLCALL_PROT" in the environment is no option/],
  ])('refuses %s that is not allowed', async (_title, args, env, message) => {
    expect(await refusedServe(args, { env })).toMatch(message)
  })

  it('refuses an unknown flag', async () => {
    const { code, stderr } = await rollcall(['serve', '--prot', '1'])
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/^error: unknown option '--prot'.*\n.*--help.*\n$/s)
    expect(stderr.split('\n').length).toBeLessThan(6)
  })

  it('prints nothing but JSON as JSON: banner, answers and log', async () => {
    const data = await temporaryFolder()
    const server = await ServerProcess.start([
      ...['--data', data, '--log-format', 'json', '--log-level', 'warn', '--camera-access', 'key'],
    ])
    server.type('status')
    server.type('strat')
    await server.says(/is no command/)
    expect(await server.end('SIGTERM')).toBe(0)
    const lines = server.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines[0]).toMatchObject({
      msg: 'Rollcall listens',
      cameras: [`ws://127.0.0.1:${server.port}/android-cam?key=…`],
      pages: [`http://127.0.0.1:${server.port}/login`],
      data,
    })
    expect(lines.map(({ msg }) => msg)).toContain('No camera is connected.')
  })

  it.each(['0.0.0.0', ...(hasIpv6 ? ['::'] : [])])(
    'prints every address that a phone on the network can type, at %s',
    async (host) => {
      const data = ['--data', await temporaryFolder(), '--no-mdns']
      const server = new RollcallProcess(['serve', '--port', '0', '--no-https', '--host', host, ...data])
      await server.says(/Type help for the commands/)
      const urls = [...server.stdout.matchAll(/^ {2}(ws:.*)$/gm)].map(([, url]) => new URL(url!))
      const outside = Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .filter(({ internal, family, address }) => {
          const isLinkLocal = family === 'IPv6' && /^fe[89ab]/.test(address)
          return !internal && (family === 'IPv4' || (host === '::' && !isLinkLocal))
        })
        .map(({ family, address }) => (family === 'IPv4' ? address : `[${address}]`))
      // A machine in no network has its own alone.
      const hosts = outside.length > 0 ? outside : ['127.0.0.1']
      expect(urls.map(({ hostname }) => hostname).sort()).toEqual(hosts.sort())
      expect(new Set(urls.map(({ pathname }) => pathname))).toEqual(new Set(['/android-cam']))
      const [port, ...otherPorts] = new Set(urls.map((url) => url.port))
      expect(otherPorts).toEqual([])
      // It is the one that it listens at.
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200)
      expect(await server.end('SIGTERM')).toBe(0)
    },
  )

  it('says where cameras need the key, and never the key', async () => {
    const data = await temporaryFolder()
    const server = await ServerProcess.start(['--data', data, '--camera-access', 'key'])
    await server.says(
      /android-cam\?key=…\nFor the … of \?key=… type the camera key: `node bin\/rollcall.js token --data \S+` prints it\.\n/,
    )
    const refused = await rollcall([
      ...['simulate', '--cameras', '1', '--url', `ws://127.0.0.1:${server.port}/android-cam?key=wrong-key`],
    ])
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(
      /\?key=…: the server refuses: HTTP 401 .*the key in the address is wrong.*\(UNAUTHORIZED\)/,
    )
    expect(refused.stdout + refused.stderr).not.toContain('wrong-key')
  })

  it('refuses start while its data folder is gone, and tells when it goes and comes', async () => {
    const data = join(await temporaryFolder(), 'recordings')
    const server = await ServerProcess.start(['--data', data, '--no-thumbnails'])
    const phone = await TestPhone.connect(server.port)
    await rename(data, `${data}.away`)
    await server.says(/ERROR the data folder .* is gone \(ENOENT\): nothing can be recorded/)
    server.type('start')
    await server.says(
      /start: the data folder .* is gone \(ENOENT\) \(DATA_FOLDER_UNUSABLE\); nothing is started/,
    )
    server.type('status')
    await server.says(/The data folder is gone \(ENOENT\): nothing can be recorded\./)
    await rename(`${data}.away`, data)
    await server.says(/the data folder .* takes files again/)
    phone.status('capture_started')
    await server.says(/recording \S+ begins/)
    await phone.close()
    await server.says(/WARN camera \S+ disconnected while it was recorded/)
    expect(await server.end('SIGTERM')).toBe(0)
  })

  it('says that its port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const stderr = await refusedServe(['--host', '127.0.0.1', '--port', String(port)])
    expect(stderr).toMatch(
      new RegExp(
        `^rollcall: cannot listen at 127\\.0\\.0\\.1:${port}: the port is taken; .* \\(LISTEN_FAILED\\)\n$`,
      ),
    )
  })

  it('says that a file stands where its data folder should be', async () => {
    const file = join(await temporaryFolder(), 'recordings')
    await writeFile(file, '')
    for (const data of [file, join(file, 'deeper')])
      expect(await refusedServe(['--data', data])).toContain(`the data folder ${data} cannot be made`)
  })

  it('warns once that there is no ffmpeg, how to get it, and records without thumbnails', async () => {
    const data = await temporaryFolder()
    const server = await ServerProcess.start(['--data', data, '--ffmpeg', '/nonexistent', '--no-raw'])
    const phone = await TestPhone.connect(server.port)
    for (let capture = 0; capture < 2; capture += 1) {
      phone.status('capture_started')
      for (const [i, payload] of (await testPictures(PICTURES)).entries()) phone.packet(i * 100, payload)
      phone.status('capture_stopped')
    }
    await phone.acknowledged()
    expect(await server.end('SIGTERM')).toBe(0)
    expect(server.output.match(/WARN/g)).toHaveLength(1)
    expect(server.output).toMatch(
      /WARN no thumbnails: \/nonexistent cannot be run; install it .*apt-get install/,
    )
    const folders = await recordingsIn(data)
    expect(folders).toHaveLength(2)
    for (const folder of folders) {
      expect((await readdir(folder)).sort()).toEqual(['frames.csv', 'recording.json', 'stream.mp4'])
      expect((await probe(join(folder, 'stream.mp4'))).streams).toHaveLength(1)
      expect((await rollcall(['verify', folder])).code).toBe(0)
    }
  })
})

it('tells every command in its help, and every option in that of serve', async () => {
  const help = await rollcall(['--help'])
  expect(help).toMatchObject({ code: 0, stderr: '' })
  for (const command of ['serve', 'simulate', 'recover', 'verify', 'mux'])
    expect(help.stdout).toContain(command)
  const serve = await rollcall(['serve', '--help'])
  for (const flag of ['--host', '--port', '--data', '--ffmpeg', '--no-raw', '--config', '50001'])
    expect(serve.stdout).toContain(flag)
  expect((await rollcall(['serv'])).code).toBe(1)
})
