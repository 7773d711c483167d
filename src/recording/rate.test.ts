import { describe, expect, it } from 'vitest'
import { estimateRate, type RateEstimate } from './rate.ts'

type Row = [
  title: string,
  pictures: number,
  capture: number | undefined,
  arrival: number | undefined,
  RateEstimate,
]

const arrival = (fps: number): RateEstimate => ({ fps, source: 'arrival' })
const capture = (fps: number): RateEstimate => ({ fps, source: 'capture' })
const DEFAULT: RateEstimate = { fps: 10, source: 'default' }

describe('estimateRate', () => {
  it.each<Row>([
    ['believes arrival times first', 100, 20_000, 10_000, arrival(10)],
    ['believes arrival times without capture times', 100, undefined, 10_000, arrival(10)],
    ['takes capture times when there are no arrival times', 100, 20_000, undefined, capture(5)],
    ['takes capture times when arrival times give 1.5', 15, 1000, 10_000, capture(15)],
    ['believes arrival times that give more than 1.5', 16, 1000, 10_000, arrival(1.6)],
    ['takes capture times when arrival times, held to 1, are not above 1.5', 2, 500, 60_000, capture(4)],
    ['holds arrival times to 60', 1000, 2000, 10_000, arrival(60)],
    ['holds capture times to 60', 1000, 2000, undefined, capture(60)],
    ['holds capture times to 1', 2, 60_000, 60_000, capture(1)],
    ['takes a span of 0 as 1 ms', 2, 1000, 0, arrival(60)],
    ['takes a span that runs back as 1 ms', 2, -5000, undefined, capture(60)],
    ['falls back to 10 without any time', 100, undefined, undefined, DEFAULT],
    ['falls back to 10 for a single picture', 1, 1000, 1000, DEFAULT],
    ['falls back to 10 for no picture', 0, 0, 0, DEFAULT],
    ['counts two pictures', 2, 1000, 1000, arrival(2)],
    ['keeps fractions', 30, undefined, 1001, arrival(30 / 1.001)],
  ])('%s', (_title, pictures, captureSpanMs, arrivalSpanMs, expected) => {
    const { fps, source } = estimateRate(pictures, captureSpanMs, arrivalSpanMs)
    expect(source).toBe(expected.source)
    expect(fps).toBeCloseTo(expected.fps, 9)
  })
})
