/**
 * Loaded into a process that is measured (`node --import`): answers its parent over IPC how long its event loop was held
 * up and how much memory it has. Plain JavaScript, so that the process runs without a compiler in it.
 */

import { monitorEventLoopDelay } from 'node:perf_hooks'

/** How often the histogram looks, in ms: an idle loop shows about this much. */
const RESOLUTION_MS = 1
const NS_PER_MS = 1e6

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })

const answers = {
  /** Begins to measure anew. */
  start() {
    delay.reset()
    delay.enable()
    return {}
  },
  /** Ends measuring; ms. */
  stop() {
    delay.disable()
    const [p50, p99] = [50, 99].map((percent) => delay.percentile(percent) / NS_PER_MS)
    return { p50, p99, max: delay.max / NS_PER_MS, samples: delay.count }
  },
  /** Bytes. RSS as it is; what is reachable on the heap and beside it, when the process may collect garbage by hand. */
  async memory() {
    const { rss } = process.memoryUsage()
    // Twice: what lies beside the heap goes when its owner has been collected.
    for (let i = 0; i < 2; i += 1) {
      globalThis.gc?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    const { heapUsed, external } = process.memoryUsage()
    return { rss, heapUsed, external }
  },
}

process.on('message', async (question) => {
  process.send?.({ question, answer: await answers[question]() })
})
// Listening must not keep a process alive that has ended its work.
process.channel?.unref()
