/** Phones that keep their pictures, cut and served by a process that is killed, at random moments: nothing is lost. */

import { expect, it } from 'vitest'
import { seededRandom } from '../../src/simulate/random.ts'
import { isLongForm, printFigure } from '../support/figure.ts'
import { temporaryFolder } from '../support/folders.ts'
import { KeepingPhone } from '../support/keeping-phone.ts'
import { ServerProcess } from '../support/process.ts'
import { until } from '../support/until.ts'
import { expectWhole } from '../support/whole.ts'

const RUNS = isLongForm ? 20 : 2
/** What strikes in one run. */
const FAULTS = 4
const SEED = 20261126
/** A fault comes after this many pictures at most; so many are taken while the phone is away. */
const MOST_PICTURES = 90

it(
  `${RUNS} recordings with ${FAULTS} faults each at random moments hold every picture once`,
  async () => {
    const random = seededRandom(SEED)
    const data = await temporaryFolder()
    const arguments_ = ['--data', data, '--no-thumbnails', '--no-https']
    let server = await ServerProcess.start(arguments_)
    const { port } = server
    const counts = { cut: 0, kill: 0, replace: 0, pictures: 0 }
    for (let run = 0; run < RUNS; run += 1) {
      const phone = await KeepingPhone.make(`phone-r${run}`)
      await phone.connect(port)
      phone.begin(`capture-${run}`)
      for (let fault = 0; fault < FAULTS; fault += 1) {
        phone.film(1 + Math.floor(random() * MOST_PICTURES))
        // Sometimes all is read, sometimes synced, sometimes nothing is.
        const moment = random()
        if (moment < 0.4) await until('it is told from where', () => phone.next !== undefined)
        else if (moment < 0.7) await phone.allAcknowledged()
        const kind = random()
        if (kind < 0.4) {
          await server.end('SIGKILL')
          phone.film(Math.floor(random() * MOST_PICTURES))
          server = await ServerProcess.start([...arguments_, '--port', String(port)])
          counts.kill += 1
        } else if (kind < 0.8) {
          phone.cut()
          phone.film(Math.floor(random() * MOST_PICTURES))
          counts.cut += 1
        } else counts.replace += 1
        await phone.connect(port)
      }
      phone.end()
      await phone.allAcknowledged()
      await expectWhole(data, phone)
      counts.pictures += phone.pictures.length
    }
    expect(counts.kill).toBeGreaterThan(0)
    expect(counts.cut).toBeGreaterThan(0)
    printFigure(
      'resume',
      `${RUNS} recordings, ${counts.cut} cuts, ${counts.kill} SIGKILLs of the server, ${counts.replace} connections taken over: ${counts.pictures} pictures taken, none missing, none twice`,
    )
  },
  isLongForm ? 600_000 : undefined,
)
