/** When a phone's battery is a matter of concern: the camera page and the control room agree on it. */

/** Of 1. */
const LOW = 0.15

export function isBatteryLow(level: number, isCharging: boolean | null): boolean {
  return level <= LOW && isCharging !== true
}
