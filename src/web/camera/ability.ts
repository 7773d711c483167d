/** Whether this browser can be a camera; if not, which of the things that it needs is missing. */

/** `other-codecs-only`: it has encoders, and none that makes H.264. */
export type Inability = 'not-secure' | 'no-camera' | 'no-webcodecs' | 'no-h264' | 'other-codecs-only'

/** Profiles and levels that some encoder is likely to have: constrained baseline, baseline, main, high (RFC 6381, 3.3). */
const H264 = ['avc1.42e01f', 'avc1.42001f', 'avc1.4d001f', 'avc1.640028']
const OTHERS = { VP8: 'vp8', VP9: 'vp09.00.31.08', AV1: 'av01.0.05M.08' }
/** Every phone's camera has at least this. */
const SIZE = { width: 640, height: 480 }

/** `codecs`: names of those that it could encode instead. */
export async function inabilityHere(): Promise<{ reason: Inability; codecs: string[] } | undefined> {
  const because = (reason: Inability, codecs: string[] = []) => ({ reason, codecs })
  if (!isSecureContext) return because('not-secure')
  if (!navigator.mediaDevices?.getUserMedia) return because('no-camera')
  if (typeof VideoEncoder === 'undefined' || typeof VideoFrame === 'undefined') return because('no-webcodecs')
  if ((await Promise.all(H264.map(canEncode))).includes(true)) return undefined
  const codecs = await otherCodecs()
  return because(codecs.length > 0 ? 'other-codecs-only' : 'no-h264', codecs)
}

/** Names of those besides H.264 that this browser encodes. */
export async function otherCodecs(): Promise<string[]> {
  const codecs: string[] = []
  for (const [name, codec] of Object.entries(OTHERS)) if (await canEncode(codec)) codecs.push(name)
  return codecs
}

async function canEncode(codec: string): Promise<boolean> {
  const answer = await VideoEncoder.isConfigSupported({ codec, ...SIZE }).catch(() => undefined)
  return answer?.supported === true
}
