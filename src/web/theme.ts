/** Dark, light, or as the device has it. */

import { effect, signal } from '@preact/signals'
import { kept } from './kept.ts'

export type Theme = 'follow' | 'light' | 'dark'

const store = kept('theme')

export const theme = signal<Theme>(themeOf(store.read()))

export function setTheme(chosen: Theme): void {
  store.write(chosen)
  theme.value = chosen
}

/** Keeps the document in the theme that is chosen. */
export function followTheme(): void {
  effect(() => {
    const { dataset } = document.documentElement
    if (theme.value === 'follow') delete dataset.theme
    else dataset.theme = theme.value
  })
}

function themeOf(choice: string | null): Theme {
  return choice === 'light' || choice === 'dark' ? choice : 'follow'
}
