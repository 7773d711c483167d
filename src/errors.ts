/**
 * The errors of Rollcall, by who must act. Every code stands in docs/errors.md.
 *
 * Anything thrown that is none of these is a bug of ours.
 */

/** What each code means; the documents are tested against this table. */
export const ERROR_CODES = {
  PACKET_TOO_SHORT: 'a binary message is shorter than the 16-byte frame packet header',
  PACKET_LENGTH_MISMATCH: 'a frame packet announces another payload length than it has',
  CAPTURE_TIME_INVALID: 'a capture time is past 2^53 - 1 ms and cannot be held exactly',
  DEVICE_ID_INVALID: 'what a board, device or phone calls itself cannot be its name here',
  H264_NO_NAL_UNIT: 'a payload holds no Annex B start code with a NAL unit behind it',
  H264_TOO_MANY_NAL_UNITS: 'a payload holds more NAL units than a picture can have',
  H264_SPS_INVALID: 'a sequence parameter set cannot be read',
  H264_PPS_INVALID: 'a picture parameter set cannot be read',
  JPEG_INVALID: 'a binary message of a board is no whole JPEG picture',
  CAMERA_SILENT: 'a connection gave no sign of life for two heartbeats',
  HELLO_MISSING: 'a connection said nothing at all after it was made',
  TOO_MUCH_HALF_SENT:
    'messages that were begun and not ended take too much memory; the longest ends its connection',
  RATE_EXCEEDED: 'a connection sends more messages or pings a second than is allowed',
  TOO_MANY_PARTS: 'a recording has more parts than are allowed',
  TOO_MANY_CONNECTIONS: 'there are as many connections as are allowed, in all or from one address',
  TOO_MANY_VIEWERS: 'there are as many live views as are allowed, in all or of one camera',
  TOO_MANY_RECORDINGS: 'there are as many recordings at once as are allowed',
  MP4_INVALID: 'a file is not an MP4 that Rollcall wrote',
  CONFIG_INVALID: 'a configuration key is unknown or its value is not allowed',
  DATA_FOLDER_IN_USE: 'another server has the data folder',
  LISTEN_FAILED: 'the server cannot listen at its address and port',
  ACCESS_FILE_INVALID: 'the file of tokens and keys holds something else',
  TLS_FAILED: 'a certificate or its key cannot be used',
  UNAUTHORIZED: 'a token or key is missing or wrong',
  FORBIDDEN: 'the token does not reach that far',
  TOO_MANY_FAILURES: 'too many wrong tokens came from one address',
  HOST_NOT_ALLOWED: 'a request calls the server by a name that is not its own',
  ORIGIN_NOT_ALLOWED: 'a page of another site speaks to the server',
  NOT_FOUND: 'there is nothing under a URL',
  REQUEST_INVALID: 'an HTTP request cannot be understood',
  PRECONDITION_FAILED: 'a file is no longer the one that was asked for',
  RANGE_NOT_SATISFIABLE: 'a range of bytes lies behind the end of a file',
  RECORDING_OPEN: 'a recording that is open or waits for recovery cannot be deleted',
  RECORDING_EXISTS: 'a deleted recording cannot come back: another has its name',
  INTERNAL_ERROR: 'an HTTP request met a fault of Rollcall',
  DATA_FOLDER_UNUSABLE: 'the data folder is gone or takes no files',
  NO_CAMERA: 'a command finds no camera that is connected',
  DISK_SPACE_LOW: 'too little space is free to start cameras',
  RECORDING_INVALID: 'a folder is no recording, or is being recorded into',
  SERVER_UNREACHABLE: 'the simulator finds no server at its URL, or is refused by it',
  STORAGE_FAILED: 'the disk refused to open, write, sync or rename a file',
  DISK_FULL: 'the disk is full: the recording is closed with what it has',
  FFMPEG_FAILED: 'ffmpeg is missing, failed or took too long',
} as const

export type ErrorCode = keyof typeof ERROR_CODES

/** An error with a stable code. */
abstract class CodedError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.name = new.target.name
  }
}

/** The peer broke a rule of the wire. Its connection counts it; no other camera notices. */
export class ProtocolError extends CodedError {}

/** The operator or caller asked for something that is not allowed. */
export class RequestError extends CodedError {}

/** The machine failed us: disk or ffmpeg. `cause` holds the system's error. */
export class StorageError extends CodedError {}
