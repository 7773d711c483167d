/** What boards and devices may call themselves, by `?id=` in their URL. */

/** It is a folder's name too. */
const OWN_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/
/** The names that the server gives to boards. */
const NUMBERED = /^esp-\d+$/

export const DEVICE_ID_ALLOWED =
  '1 to 40 letters, digits and hyphens, a letter or digit first, and not esp- with a number'

export function isDeviceId(id: string): boolean {
  return OWN_ID.test(id) && !NUMBERED.test(id)
}
