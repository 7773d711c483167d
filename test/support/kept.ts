/** Recordings at rest, as far as retention looks at them. */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { IntegrityAccount } from '../../src/recording/account.ts'
import { makeDocument, type RecordingDocument } from '../../src/recording/document.ts'

/** Makes a folder that holds a recording.json and a film of so many bytes, which is no film; gives its path. */
export async function keepRecording(
  data: string,
  id: string,
  options: { endedAtMs: number; bytes?: number; state?: RecordingDocument['state'] },
): Promise<string> {
  const { endedAtMs, bytes = 1000, state = 'closed' } = options
  const folder = join(data, id)
  await mkdir(folder)
  await writeFile(join(folder, 'stream.mp4'), Buffer.alloc(bytes))
  const document = makeDocument({
    id,
    camera: '192.0.2.7_40312',
    device: { model: 'Pixel 6a', address: '192.0.2.7', path: '/android-cam' },
    take: null,
    state,
    startedAtMs: endedAtMs - 1000,
    endedAtMs: state === 'recording' ? null : endedAtMs,
    profile: null,
    bytes,
    rate: { fps: 10, source: 'default' },
    integrity: new IntegrityAccount().figures,
    parts: [],
    errors: [],
  })
  await writeFile(join(folder, 'recording.json'), JSON.stringify(document))
  return folder
}
