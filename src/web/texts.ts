/** Languages: which one is shown, and how a view keeps its words in both. */

import { signal } from '@preact/signals'
import { kept } from './kept.ts'

export type Language = 'en' | 'zh'

/** Words by key; a function where a word depends on figures. */
type Words = Record<string, string | ((...values: never[]) => string)>
/** The same keys with the same values to fill in. */
type Same<T extends Words> = {
  [K in keyof T]: T[K] extends (...values: infer V) => string ? (...values: V) => string : string
}

const store = kept('language')

/** What is shown now. Set it with `setLanguage`. */
export const language = signal<Language>(
  languageOf(store.read(), typeof navigator === 'undefined' ? [] : navigator.languages),
)

/** The tag for `lang` and `Intl`. */
export function languageTag(): string {
  return language.value === 'zh' ? 'zh-CN' : 'en'
}

/** Switches, and keeps it for the next visit. */
export function setLanguage(chosen: Language): void {
  store.write(chosen)
  language.value = chosen
}

/**
 * A view's words in both languages.
 *
 * @returns A function that gives those of the language that is shown: `t().start`, `t().missing(3)`. A component that calls it
 *   is shown anew when the language changes.
 */
export function texts<T extends Words>(en: T, zh: Same<T>): () => Same<T> {
  const both = { en: en as unknown as Same<T>, zh }
  return () => both[language.value]
}

/** The kept choice, else the first of the browser's languages that we speak, else English. */
export function languageOf(choice: string | null, wanted: readonly string[]): Language {
  const spoken = [choice ?? '', ...wanted].map((tag) => tag.toLowerCase().split('-', 1)[0])
  return spoken.find((tag) => tag === 'en' || tag === 'zh') ?? 'en'
}
