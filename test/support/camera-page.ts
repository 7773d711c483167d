/** The camera page as its holder has it before the eyes. */

import type { Page } from 'playwright-core'
import { until } from './until.ts'

/** Pixels of a phone's page, held upright. */
export const PORTRAIT = { width: 390, height: 844 }
export const LANDSCAPE = { width: 844, height: 390 }

/** The preview shows pictures. */
export async function filming(page: Page): Promise<void> {
  await page.locator('.picture[data-there]').waitFor()
  await until('pictures', () => page.evaluate<boolean>('document.querySelector("video")?.currentTime > 0'))
}
