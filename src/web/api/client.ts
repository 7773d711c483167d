/** Asks the server. Types of bodies and answers are those of src/wire/api. */

/** What went wrong, as the server says it. */
export class RequestFailed extends Error {
  /** A code of docs/errors.md, or `UNREACHABLE` when no answer came. */
  readonly code: string
  /** 0 when no answer came. */
  readonly status: number

  constructor(code: string, message: string, status: number) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** No answer came. */
export function unreachable(): RequestFailed {
  return new RequestFailed('UNREACHABLE', 'the server does not answer', 0)
}

/** The answer that brings the new cookie is here by then, in ms. */
const RENEWED_MS = 500

/**
 * Sends a request and reads the JSON that answers it. Whoever is signed out is taken to the login page.
 *
 * @param path - `/api/…`
 * @throws {RequestFailed}
 */
export async function api<T>(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<T> {
  const init: RequestInit = { method }
  if (body !== undefined) {
    init.headers = { 'content-type': 'application/json' }
    init.body = JSON.stringify(body)
  }
  let response: Response
  try {
    response = await fetch(path, init)
  } catch {
    throw unreachable()
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T
  throw await failureIn(response)
}

/** What an answer says that is no success. Whoever is signed out is taken to the login page. */
export async function failureIn(response: Response): Promise<RequestFailed> {
  if (response.status === 401) void leaveIfSignedOut()
  const { code = 'INTERNAL_ERROR', message = response.statusText } = await response
    .json()
    .catch(() => ({}) as { code?: string; message?: string })
  return new RequestFailed(code, message, response.status)
}

/** A token that this page has just renewed may have passed the request on its way: it is asked once more before it leaves. */
async function leaveIfSignedOut(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, RENEWED_MS))
  const again = await fetch('/api/cameras').catch(() => undefined)
  if (again?.status === 401) location.replace('/login')
}

/** What went wrong, for people. */
export function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
