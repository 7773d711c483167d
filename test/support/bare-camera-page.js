/* global MediaStreamTrackProcessor */
/** The page of bare-camera.ts: gives the fake camera's frames to the worker, and keeps what it says. */

const worker = new Worker('/bare/worker.js', { type: 'module' })
window.state = null
window.said = []
window.timestamps = []
let hearSums = () => {}

worker.onmessage = ({ data }) => {
  if (data.type === 'state') window.state = data.state
  else if (data.type === 'checksums') hearSums(data)
  else if (data.type === 'timestamp') window.timestamps.push(data.timestamp)
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

/** A drawn picture in place of the camera: `turn` changes its size, as a phone does that is turned. */
window.draw = (width, height) => {
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d')
  let step = 0
  setInterval(() => {
    step += 7
    context.fillStyle = `hsl(${step % 360} 80% 50%)`
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.fillStyle = '#000'
    context.fillRect(step % canvas.width, step % canvas.height, 40, 40)
  }, 40)
  window.turn = () => {
    ;[canvas.width, canvas.height] = [canvas.height, canvas.width]
  }
  filmTrack(canvas.captureStream(30).getVideoTracks()[0])
}

window.begin = async (open, isOff) => {
  worker.postMessage(open)
  if (isOff) return
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } })
  filmTrack(stream.getVideoTracks()[0])
}
