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

/** Another size of the camera, as when the phone is turned. */
window.film = async (video) => {
  const stream = await navigator.mediaDevices.getUserMedia({ video })
  const { readable: frames } = new MediaStreamTrackProcessor({ track: stream.getVideoTracks()[0] })
  worker.postMessage({ type: 'frames', frames }, [frames])
}

window.begin = async (open) => {
  worker.postMessage(open)
  await window.film({ width: 640, height: 480 })
}
