/** What records a camera, with all that recordings need of it and of the server. */

import { folderName, RecordingFolder } from '../library/recording-folder.ts'
import { Recorder } from '../recording/recorder.ts'
import type { RecorderOptions } from '../recording/recorder-options.ts'
import type { SeatOptions } from './seat-options.ts'

/** @param hearers - Of what becomes of captures. */
export function makeRecorder(
  options: SeatOptions,
  hearers: Pick<RecorderOptions, 'onSynced' | 'onUnsaved'>,
): Recorder {
  const { camera, config, clock, log, takes, operation, disk, places, blocks, earlyBudget } = options
  return new Recorder({
    ...config,
    camera: camera.id,
    format: camera.format,
    device: () => {
      const { model = null, address, path } = camera
      const name = options.name() ?? camera.ownName
      return { model, address, path, ...(name !== null && { name }) }
    },
    take: () => takes.takeOf(camera.id),
    openFiles: (startedAtMs, events, begun) =>
      new RecordingFolder({
        dataDir: config.data,
        name: folderName(camera.id, startedAtMs),
        keepRaw: config.raw && camera.format === 'h264',
        begun,
        maxGapMs: config.maxGapMs,
        disk,
        ...events,
        meter: operation.meter,
        onThumbnail: options.onThumbnail,
        onSaved: options.onSaved,
      }),
    setPaused: (paused) => (paused ? camera.pause() : camera.resume()),
    onClosed: () => operation.retention.run(),
    ...hearers,
    clock,
    log,
    disk,
    places,
    blocks,
    earlyBudget,
  })
}
