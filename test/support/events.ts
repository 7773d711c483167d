/** A listener to `GET /api/events`, as a browser is one. */

import { request } from 'node:http'
import { onTestFinished } from 'vitest'
import type { RoomEvent } from '../../src/wire/api/events.ts'
import { until } from './until.ts'

type Kind<T extends RoomEvent['type']> = Extract<RoomEvent, { type: T }>

export class EventListener {
  readonly events: RoomEvent[] = []
  status = 0
  headers: NodeJS.Dict<string | string[]> = {}
  lastId = ''
  isEnded = false
  #rest = ''
  readonly #end: () => void

  private constructor(end: () => void) {
    this.#end = end
  }

  /** Resolves once the answer has begun. */
  static open(port: number, headers: Record<string, string>): Promise<EventListener> {
    return new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path: '/api/events', headers }, (response) => {
        const listener = new EventListener(() => asked.destroy())
        onTestFinished(() => listener.close())
        listener.status = response.statusCode!
        listener.headers = response.headers
        response.setEncoding('utf8')
        response.on('data', (text: string) => listener.#read(text))
        response.on('error', () => {})
        response.on('close', () => {
          listener.isEnded = true
        })
        resolve(listener)
      })
      asked.on('error', reject)
      asked.end()
    })
  }

  close(): void {
    this.#end()
  }

  of<T extends RoomEvent['type']>(type: T): Kind<T>[] {
    return this.events.filter((event): event is Kind<T> => event.type === type)
  }

  /** The first event of a type that fits, once it is there. */
  event<T extends RoomEvent['type']>(
    type: T,
    fits: (event: Kind<T>) => boolean = () => true,
  ): Promise<Kind<T>> {
    return until(`the event ${type}`, () => this.of(type).find(fits))
  }

  #read(text: string): void {
    const blocks = (this.#rest + text).split('\n\n')
    this.#rest = blocks.pop()!
    for (const block of blocks) {
      const fields = block.split('\n').map((line) => /^(\w*): ?(.*)$/.exec(line)?.slice(1) ?? ['', ''])
      const field = (name: string) => fields.find(([key]) => key === name)?.[1]
      if (field('id')) this.lastId = field('id')!
      if (field('data')) this.events.push(JSON.parse(field('data')!))
    }
  }
}
