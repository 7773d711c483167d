/** The library in a real browser: what was recorded is watched, understood, named, fetched, deleted and brought back. */

import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { FILM_INTERVAL_MS, FilmPhone } from '../support/filmed.ts'
import { recordingsIn, temporaryFolder } from '../support/folders.ts'
import { generateRecording, generateRecordings } from '../support/generated.ts'
import { gatedFfmpeg, jpegPictures, recordJpegs } from '../support/jpeg.ts'
import { endBrowserAfterAll, hasChromium, openPage, type PageOptions, pictureSum } from '../support/page.ts'
import { startServer } from '../support/server.ts'
import { until } from '../support/until.ts'

if (!hasChromium) console.warn('Tests are left out, of the library: there is no Chromium.')

endBrowserAfterAll()

const PICTURES = 160
/** Twelve pictures of the second phone never come: 00:03 to 00:03.6. */
const LOST = { from: 61, to: 73 }
const GAP_BEGIN_S = (60 * FILM_INTERVAL_MS) / 1000

/** Of the browser this process knows no types. */
interface Video {
  currentTime: number
  duration: number
  readyState: number
}
const secondsOf = (video: Locator) => video.evaluate((one) => (one as unknown as Video).currentTime)
const cards = (page: Page) => page.locator('article.card')

/** A server with two phones, and the library in a browser. */
async function library(options: PageOptions = {}, config: Parameters<typeof startServer>[0] = {}) {
  const { server, port, data } = await startServer({ stopWaitMs: 0, ...config })
  const phones = [await FilmPhone.connect(port, PICTURES), await FilmPhone.connect(port, PICTURES)] as const
  const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`, options)
  await page.getByRole('link', { name: 'Library' }).click()
  return { server, port, data, page, phones }
}

/** Records a take of both; the second loses pictures. */
async function record(
  { server, phones, page }: Awaited<ReturnType<typeof library>>,
  from = 0,
): Promise<void> {
  const [whole, lossy] = phones
  if (from === 0) {
    server.room.start({ bitrateMbps: 2, fps: 20 })
    await Promise.all(phones.map((phone) => phone.begin()))
  }
  await whole.film(PICTURES)
  await lossy.film(PICTURES, LOST)
  server.room.stop()
  await Promise.all(phones.map((phone) => phone.end()))
  await until('both are closed', async () => {
    const listed = await cards(page).count()
    return listed === 2 && (await page.locator('.length.running').count()) === 0
  })
}

/** Waits for the film in a <video>, and clicks it: its own control plays. */
async function play(video: Locator): Promise<void> {
  await until('the film', () => video.evaluate((one) => (one as unknown as Video).readyState > 0))
  await video.click()
  await until('it plays', async () => (await secondsOf(video)) > 0.2)
}

/** How many points of the plot have the colour of its line. */
function pointsOfPlot(page: Page): Promise<number> {
  // biome-ignore lint/suspicious/noExplicitAny: a canvas of the page
  return page.locator('.plot canvas').evaluate((canvas: any) => {
    const { ownerDocument, parentElement, width, height } = canvas
    const probe = parentElement.appendChild(ownerDocument.createElement('i'))
    probe.style.color = 'var(--plot-line)'
    const line = ownerDocument.defaultView.getComputedStyle(probe).color.match(/\d+/g).map(Number)
    probe.remove()
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height)
    let points = 0
    for (let i = 0; i < data.length; i += 4)
      if (data[i] === line[0] && data[i + 1] === line[1] && data[i + 2] === line[2]) points += 1
    return points
  })
}

it.skipIf(!hasChromium)(
  'shows a take while it grows, plays it, and has all of it the second it stops',
  async () => {
    const started = await library()
    const { page, phones, server } = started
    await page.getByText('Nothing recorded yet').waitFor()
    server.room.start({ bitrateMbps: 2, fps: 20 })
    await Promise.all(phones.map((phone) => phone.begin()))
    await Promise.all(phones.map((phone) => phone.film(40)))
    await until('both are listed', async () => (await cards(page).count()) === 2)
    await page.getByText('2 cameras').waitFor()
    expect(await page.locator('.length.running').count()).toBe(2)
    await cards(page).first().getByRole('link').click()
    await page.getByText('Still recording').waitFor()
    const video = page.locator('.detail video')
    const detail = page.locator('.detail')
    await play(video)
    await until('a picture of what is there', () => pictureSum(detail))
    await page.locator('.plot .marks-area').waitFor()
    const again = page.waitForResponse(/\/frames\.csv$/)
    await page.getByRole('button', { name: 'Load what came since' }).click()
    await again
    await record(started, 40)
    await until('it is whole', async () => (await page.locator('.length.running').count()) === 0)
    await until(
      'the whole film is there',
      async () => (await video.evaluate((one) => (one as unknown as Video).duration)) > 7.9,
    )
    expect(await page.getByText('Still recording').count()).toBe(0)
  },
)

it.skipIf(!hasChromium)(
  'plays and seeks, tells what is missing and where, and goes there by a click',
  async () => {
    const started = await library()
    const { page, phones } = started
    await record(started)
    const lossy = cards(page).filter({ hasText: '12 missing' })
    await page.route(/\/frames\.csv$/, (route) => route.abort())
    await lossy.getByRole('link').click()
    await page.getByText('The times of the pictures could not be read.').waitFor()
    await page.unroute(/\/frames\.csv$/)
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('12 of 160 pictures missing.').waitFor()
    await page.getByText('No pauses. Red: 12 pictures are missing.').waitFor()
    await until('the line of the plot', async () => (await pointsOfPlot(page)) > 100)
    const video = page.locator('.detail video')
    const detail = page.locator('.detail')
    await play(video)
    const first = await until('a picture', () => pictureSum(detail))
    await until('the picture changes', async () => (await pictureSum(detail)) !== first)
    await video.click()
    await page.getByRole('button', { name: '12 missing at 00:03: watch' }).click()
    // From half a second before the gap.
    await until(
      'it is at the gap',
      async () => Math.abs((await secondsOf(video)) - (GAP_BEGIN_S - 0.5)) < 0.05,
    )
    await page.getByRole('button', { name: '12 missing at 00:03, nothing for 650 ms' }).click()
    await until(
      'it is where the gap begins',
      async () => Math.abs((await secondsOf(video)) - GAP_BEGIN_S) < 0.05,
    )
    // Anywhere else on the plot is a moment of the film too.
    const plot = page.locator('.plot .marks-area')
    const { width, height } = (await plot.boundingBox())!
    await page.locator('.plot .canvas').click({ position: { x: 56 + width * 0.75, y: height / 2 } })
    await until('three quarters', async () => Math.abs((await secondsOf(video)) - 7.95 * 0.75) < 0.1)
    // The other camera begins at the same moment.
    await page.getByRole('heading', { name: 'Other cameras of this take' }).waitFor()
    await page.locator('.angles li a').click()
    await page.getByText('All 160 pictures arrived.').waitFor()
    await until('the same moment', async () => Math.abs((await secondsOf(video)) - 7.95 * 0.75) < 0.5)
    await phones[0].phone.close()
  },
)

it.skipIf(!hasChromium)('names, stars, notes, finds, deletes and brings back', async () => {
  const started = await library()
  const { page, data } = started
  await record(started)
  const lossy = cards(page).filter({ hasText: '12 missing' })
  await until('it is known', async () => (await lossy.count()) === 1)
  const id = (await lossy.getAttribute('data-id'))!
  const folder = join(data, id)
  await until('the first picture of both', () =>
    // biome-ignore lint/suspicious/noExplicitAny: images of the page
    cards(page).evaluateAll((all: any[]) => all.every((one) => one.querySelector('img')?.naturalWidth > 0)),
  )
  await lossy.getByRole('button', { name: 'Star' }).click()
  await until('the star is on the disk', () => existsSync(join(folder, 'starred')))
  await lossy.getByRole('link').click()
  await page.getByRole('button', { name: 'Rename' }).click()
  await page.getByRole('textbox', { name: 'Title' }).fill('Dawn over the bay')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Dawn over the bay', level: 1 }).waitFor()
  await page.getByRole('textbox', { name: 'Note' }).fill('mind the wind')
  await page.getByRole('textbox', { name: 'Note' }).blur()
  const notes = join(folder, 'notes.json')
  await until(
    'the note is on the disk',
    async () => existsSync(notes) && (await readFile(notes, 'utf8')).includes('wind'),
  )
  await page.getByRole('button', { name: 'Back to the list' }).click()
  const search = page.getByRole('searchbox', { name: 'Search' })
  await search.fill('BAY wind')
  await until('one is found', async () => (await cards(page).count()) === 1)
  await page.getByText('1 of 2 cameras').waitFor()
  await search.fill('nowhere')
  await page.getByText('Nothing fits').waitFor()
  await page.getByRole('button', { name: 'Clear filters' }).click()
  await until('both again', async () => (await cards(page).count()) === 2)
  await page.getByRole('button', { name: 'Only starred' }).click()
  await until('the one with a star', async () => (await cards(page).count()) === 1)
  await page.getByRole('button', { name: 'Only starred' }).click()
  const named = cards(page).filter({ hasText: 'Dawn over the bay' })
  await named.getByRole('link').click()
  await page.getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText('“Dawn over the bay” deleted.').waitFor()
  expect(await cards(page).count()).toBe(1)
  expect(await recordingsIn(data)).toHaveLength(1)
  await page.getByRole('button', { name: 'Undo' }).click()
  await named.waitFor()
  expect(await recordingsIn(data)).toHaveLength(2)
  // Two phones of one kind at one address are one entry.
  await page.getByRole('button', { name: 'Filters' }).click()
  await page.getByRole('combobox', { name: 'Camera' }).selectOption('Pixel 6a 127.0.0.1')
  await until('both are of it', async () => (await cards(page).count()) === 2)
  // Another page, later, sees the same; of a recording that has no raw file, none is offered.
  await rm(join(folder, 'stream.h264'))
  // Whoever asks for it gets it as it is now; the list looks into folders once in a while.
  await page.evaluate(`fetch('/api/recordings/${id}')`)
  await page.reload()
  await named.getByRole('link').click()
  await page.getByRole('link', { name: 'Every picture (CSV)' }).waitFor()
  expect(await page.getByRole('link', { name: 'Raw H.264' }).count()).toBe(0)
})

it.skipIf(!hasChromium)('hands out the files, and the whole take, which plays in step', async () => {
  const started = await library({ width: 390, height: 844 })
  const { page, data } = started
  await record(started)
  const lossy = cards(page).filter({ hasText: '12 missing' })
  await lossy.getByRole('link').click()
  const id = decodeURIComponent(page.url().split('/').at(-1)!)
  for (const [link, file] of [
    ['Film (MP4)', 'stream.mp4'],
    ['Raw H.264', 'stream.h264'],
    ['Every picture (CSV)', 'frames.csv'],
  ] as const) {
    const saving = page.waitForEvent('download')
    await page.getByRole('link', { name: link }).click()
    const saved = await readFile(await (await saving).path())
    expect(saved.equals(await readFile(join(data, id, file)))).toBe(true)
  }
  await page.getByRole('link', { name: 'Open the take' }).last().click()
  const saving = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Whole take' }).click()
  const zip = await readFile(await (await saving).path())
  expect(zip.subarray(0, 2).toString()).toBe('PK')
  const films = page.locator('.films video')
  expect(await films.count()).toBe(2)
  await until('both are loaded', async () => {
    const states = await films.evaluateAll((all) =>
      (all as unknown as Video[]).map(({ readyState }) => readyState),
    )
    return states.every((state) => state > 1)
  })
  await page.getByRole('slider', { name: 'Position in the take' }).fill('4000')
  const positions = () =>
    films.evaluateAll((all) => (all as unknown as Video[]).map(({ currentTime }) => currentTime))
  await until('both are there', async () => (await positions()).every((at) => Math.abs(at - 4) < 0.5))
  await page.getByRole('button', { name: 'Play all' }).click()
  await until('both play', async () => (await positions()).every((at) => at > 4.6))
  await page.getByRole('button', { name: 'Pause all' }).click()
})

it.skipIf(!hasChromium)('plays a film of two parts in one go, by itself and in its take', async () => {
  const { ffmpeg, go } = await gatedFfmpeg()
  const { page, phones, server, data } = await library({}, { ffmpeg })
  server.room.start({ bitrateMbps: 2, fps: 20 })
  const [turned, steady] = phones
  await Promise.all(phones.map((phone) => phone.begin()))
  await turned.film(40)
  await turned.turn()
  await turned.film(80)
  await steady.film(80)
  server.room.stop()
  await Promise.all(phones.map((phone) => phone.end()))
  const card = page.locator(`article.card[data-id^="${turned.phone.id}_"]`)
  await until('it is closed', async () => (await page.locator('.length.running').count()) === 0)
  await card.getByRole('link').click()
  const video = page.locator('.detail video')
  const sizeOf = (film: Locator) =>
    film.evaluate((one) => {
      const { videoWidth, videoHeight } = one as unknown as { videoWidth: number; videoHeight: number }
      return `${videoWidth}×${videoHeight}`
    })
  await play(video)
  expect(await sizeOf(video)).toBe('320×180')
  await until('the second part plays', async () => (await sizeOf(video)) === '180×320')
  await page.getByRole('link', { name: 'Film, part 2' }).waitFor()
  await page.getByRole('link', { name: 'Open the take' }).last().click()
  const film = page.locator('.films li').filter({ has: page.locator(`a[href*="${turned.phone.id}_"]`) })
  await film.getByRole('link', { name: 'Film, part 2' }).waitFor()
  await page.getByRole('slider', { name: 'Position in the take' }).fill('3000')
  await until('the second part', async () => (await sizeOf(film.locator('video'))) === '180×320')
  // Whole, though it is upright in a place that is not.
  const heightOf = async (of: Locator) => (await of.boundingBox())!.height
  expect(await heightOf(film.locator('video'))).toBe(await heightOf(film.locator('.picture')))
  await until('a second into it', async () => Math.abs((await secondsOf(film.locator('video'))) - 1) < 0.5)
  await page.getByRole('slider', { name: 'Position in the take' }).fill('1000')
  await page.getByRole('button', { name: 'Play all' }).click()
  await until('the first part', async () => (await sizeOf(film.locator('video'))) === '320×180')
  await until('and on into the second', async () => {
    const isSecond = (await sizeOf(film.locator('video'))) === '180×320'
    return isSecond && (await secondsOf(film.locator('video'))) > 0.3
  })
  // Of a board, whose JPEG pictures no browser plays: one film is made of both parts.
  const pictures = [...(await jpegPictures(10, '160x120')), ...(await jpegPictures(10, '120x160'))]
  const sent = pictures.map((picture, i) => ({ picture, atMs: i * 500 }))
  const board = basename(await recordJpegs(data, sent))
  await page.evaluate(`location.hash = '#/library/${board}'`)
  await page.getByText('Making a film to watch: 40 %').waitFor()
  await page.getByRole('link', { name: 'As it came, part 2 (MP4, MJPEG)' }).waitFor()
  expect(await video.count()).toBe(0)
  await go()
  await play(video)
  expect(await sizeOf(video)).toBe('160×160')
  expect(await video.getAttribute('src')).toContain('/stream.h264.mp4')
  const plot = page.locator('.plot .marks-area')
  const { width, height } = (await plot.boundingBox())!
  await page.locator('.plot .canvas').click({ position: { x: 56 + width * 0.75, y: height / 2 } })
  await until('three quarters', async () => Math.abs((await secondsOf(video)) - 9.5 * 0.75) < 0.6)
  const saving = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Film (MP4, H.264)' }).click()
  const saved = await readFile(await (await saving).path())
  expect(saved.equals(await readFile(join(data, board, 'stream.h264.mp4')))).toBe(true)
})

it.skipIf(!hasChromium)(
  'sorts and filters a long list, and loads it page by page as it is scrolled',
  async () => {
    const data = await temporaryFolder()
    const [oldest] = await generateRecordings(data, 350)
    const noon = (day: number) => new Date(2026, 0, day, 12).getTime()
    const camera = '10.0.0.9_5000'
    const [large, long] = [
      await generateRecording(data, 350, { startedAtMs: noon(7), film: 'x'.repeat(10_000), state: 'failed' }),
      await generateRecording(data, 351, { startedAtMs: noon(9), durationMs: 600_000, camera }),
    ]
    const { server, port } = await startServer({ data })
    const page = await openPage(`http://127.0.0.1:${port}/login#${server.accessToken}`)
    await page.getByRole('link', { name: 'Library' }).click()
    await page.getByText('352 recordings').waitFor()
    await until('the first page', async () => (await cards(page).count()) >= 100)
    const isFirst = (id: string) =>
      until(`${id} is the first`, async () => (await cards(page).first().getAttribute('data-id')) === id)
    const areAll = (count: number) =>
      until(`${count} are left`, async () => (await cards(page).count()) === count)
    await page.getByRole('radio', { name: 'Days' }).check()
    await page.getByRole('heading', { level: 2, name: /January 9/ }).waitFor()
    await page.getByRole('heading', { level: 2, name: /January 7/ }).waitFor()
    await page.getByRole('button', { name: 'Filters' }).click()
    for (const [order, id] of [
      ['longest', long],
      ['largest', large],
      ['oldest', oldest!],
      ['newest', long],
    ] as const) {
      await page.getByRole('combobox', { name: 'Sort' }).selectOption(order)
      await isFirst(id)
    }
    await page.getByRole('combobox', { name: 'State' }).selectOption('Disk failed')
    await areAll(1)
    await isFirst(large)
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await isFirst(long)
    await page.getByRole('combobox', { name: 'Camera' }).selectOption('10.0.0.9')
    await areAll(1)
    await page.getByRole('combobox', { name: 'Camera' }).selectOption('All cameras')
    await page.getByLabel('From day').fill('2026-01-07')
    await areAll(2)
    await page.getByLabel('To day').fill('2026-01-07')
    await areAll(1)
    await isFirst(large)
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByRole('radio', { name: 'Takes' }).check()
    await until('all', async () => {
      // It need not stand still: the list is drawn anew while it grows.
      const last = cards(page).last()
      await last.evaluate((card) => (card as unknown as { scrollIntoView(): void }).scrollIntoView())
      return (await cards(page).count()) === 352
    })
    const ids = await cards(page).evaluateAll((all) =>
      all.map((one) => (one as unknown as { dataset: { id: string } }).dataset.id),
    )
    expect(new Set(ids).size).toBe(352)
  },
)
