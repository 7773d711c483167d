/* global MediaStreamTrackProcessor, VideoFrame */
/** The page of bare-camera.ts: gives the fake camera's frames to the worker, and keeps what it says. */

const worker = new Worker('/bare/worker.js', { type: 'module' })
window.state = null
window.said = []
window.timestamps = []
/** What was read from the store by name, and the encoder's bitrate: see LISTENER. */
window.reads = []
window.bitrate = null
let hearSums = () => {}

worker.onmessage = ({ data }) => {
  if (data.type === 'state') window.state = data.state
  else if (data.type === 'checksums') hearSums(data)
  else if (data.type === 'timestamp') window.timestamps.push(data.timestamp)
  else if (data.type === 'read') window.reads.push(data.name)
  else if (data.type === 'configured') window.bitrate = data.bitrate
  else window.said.push(data)
}

worker.onerror = ({ message }) => window.said.push({ type: 'broken', message })

window.say = (message) => worker.postMessage(message)

window.checksums = () =>
  new Promise((resolve) => {
    hearSums = resolve
    worker.postMessage({ type: 'checksums' })
  })

const filmTrack = (track) => {
  const { readable: frames } = new MediaStreamTrackProcessor({ track })
  worker.postMessage({ type: 'frames', frames }, [frames])
}

/**
 * A drawn picture in place of the camera, white in its last corner. `isStill`: none comes any more, and nothing tells. `turn` changes its size, as a phone does that is turned;
 * `rotate` leaves the size, and says of each frame by how much it is to be turned to the right, as other phones do.
 */
window.draw = (width, height) => {
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d')
  let step = 0
  setInterval(() => {
    if (window.isStill) return
    step += 7
    context.fillStyle = `hsl(${step % 360} 80% 50%)`
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.fillStyle = '#000'
    context.fillRect(step % canvas.width, step % canvas.height, 40, 40)
    context.fillStyle = '#fff'
    context.fillRect(canvas.width - 100, canvas.height - 100, 100, 100)
  }, 40)
  const [track] = canvas.captureStream(30).getVideoTracks()
  window.turn = () => {
    ;[canvas.width, canvas.height] = [canvas.height, canvas.width]
  }
  window.rotate = async (rotation) => {
    worker.postMessage({ type: 'frames', frames: null })
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader()
    for (;;) {
      const { value } = await reader.read()
      const frame = new VideoFrame(value, { timestamp: value.timestamp, rotation })
      value.close()
      worker.postMessage({ type: 'frame', frame }, [frame])
    }
  }
  filmTrack(track)
}

window.begin = async (open, isOff) => {
  worker.postMessage(open)
  if (isOff) return
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } })
  filmTrack(stream.getVideoTracks()[0])
}
