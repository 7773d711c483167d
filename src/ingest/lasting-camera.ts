/**
 * A camera that outlives its connections (protocol 2): it has an id of its own, and comes back.
 *
 * Its subscribers see one camera that is away for a while. What it says of captures is for them to answer.
 */

import type { Clock } from '../time.ts'
import type { Clock2, Hello2, ToPhone2 } from '../wire/protocol2.ts'
import type { AnyCamera, Camera } from './camera.ts'
import { ReturningDevice } from './returning-device.ts'

/** What is passed on as it is. */
const PASSED_ON = ['packet', 'preview', 'malformed', 'status', 'text', 'surplus', 'fault'] as const

export interface LastingCameraOptions {
  hello: Hello2
  connection: Camera
  clock: Clock
}

export class LastingCamera extends ReturningDevice<Camera> implements AnyCamera {
  readonly id: string
  readonly format = 'h264'
  readonly isLasting = true
  readonly hasOwnId = true
  ownName: string | null = null
  model: string | undefined
  /** The take that its holder had stopped on the phone when it connected. */
  stopped: Hello2['stopped'] = null
  readonly #clock: Clock

  constructor({ hello, connection, clock }: LastingCameraOptions) {
    super(connection)
    this.id = hello.id
    this.#clock = clock
    this.#take(hello, connection)
  }

  /** It has connected anew; a connection that is still there is closed with 4409. */
  connected(hello: Hello2, connection: Camera): void {
    this.replace('another page has this camera now')
    this.#take(hello, connection)
    this.emit('back')
  }

  /** Says something that needs no answer: when it is lost, so is the connection, and all is said anew. */
  say(message: ToPhone2): void {
    this.send(JSON.stringify(message)).catch(() => {})
  }

  #take(hello: Hello2, connection: Camera): void {
    this.ownName = hello.name
    this.model = hello.model ?? undefined
    this.stopped = hello.stopped
    this.take(connection)
    for (const name of PASSED_ON)
      connection.on(name, (...values: unknown[]) => {
        if (this.connection === connection) this.emit(name, ...(values as never))
      })
    connection.on('message2', (message) => {
      if (this.connection !== connection) return
      if (message.type === 'clock') this.#answerClock(message)
      // It is called otherwise now.
      else if (message.type === 'hello') this.ownName = message.name
      else this.emit('message2', message)
    })
    connection.once('closed', () => {
      if (this.connection !== connection) return
      this.lose()
      this.emit('away')
    })
  }

  #answerClock({ phoneUs }: Clock2): void {
    const nowUs = Math.round(this.#clock.wallMs() * 1000)
    this.say({ type: 'clock', phoneUs, receivedUs: nowUs, sentUs: nowUs })
  }
}
