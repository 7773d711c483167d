/**
 * Text messages between Rollcall and the Android camera app, protocol version 1.
 *
 * Pure; the browser imports it too. The messages stand in docs/protocol.md.
 */

import { z } from 'zod'
import type { BoardSettings } from './board.ts'

const statusSchema = z.object({
  status: z.enum(['ready', 'capture_started', 'capture_stopped', 'error']),
  message: z.string().optional().catch(undefined),
})

const sizeSchema = z.object({ width: z.number(), height: z.number() })

const capabilitiesSchema = z.object({
  type: z.literal('capabilities'),
  deviceModel: z.string().optional(),
  sdkInt: z.number().optional(),
  resolutions: z
    .array(sizeSchema.extend({ format: z.string().optional(), lensFacing: z.string().optional() }))
    .optional(),
  imageAnalysisResolution: sizeSchema.nullish(),
})

export type CameraStatus = z.infer<typeof statusSchema>
export type Capabilities = z.infer<typeof capabilitiesSchema>

/** A text message from a camera. `unknown` is anything that is neither: it is logged, never an error. */
export type CameraMessage =
  | ({ kind: 'status' } & CameraStatus)
  | { kind: 'capabilities'; capabilities: Capabilities }
  | { kind: 'unknown' }

/** Reads a text message from a camera; never throws. */
export function parseCameraMessage(text: string): CameraMessage {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'unknown' }
  }
  const status = statusSchema.safeParse(value)
  if (status.success) return { kind: 'status', ...status.data }
  const capabilities = capabilitiesSchema.safeParse(value)
  if (capabilities.success) return { kind: 'capabilities', capabilities: capabilities.data }
  return { kind: 'unknown' }
}

/** What a start asks: `start_capture` of phones, and of boards a resolution and a quality. */
export interface StartRequest extends BoardSettings {
  /** Left out: the camera keeps the ratio that was chosen on the phone. */
  aspectRatio?: { width: number; height: number }
  /** Whole megabits a second. */
  bitrateMbps: number
  /** Pictures a second; 0 is as many as the camera can. */
  fps: number
}

/** The text that starts a camera. */
export function startCaptureText({ aspectRatio, bitrateMbps, fps }: StartRequest): string {
  const payload = { format: 'h264', bitrate: bitrateMbps, fps, ...(aspectRatio && { aspectRatio }) }
  return JSON.stringify({ command: 'start_capture', payload })
}

/** The text that stops a camera. */
export const STOP_CAPTURE_TEXT = JSON.stringify({ command: 'stop_capture' })
