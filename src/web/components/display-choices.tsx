/** Language and theme, to choose: in the header's menu and in the settings. */

import { type Language, language, setLanguage, texts } from '../texts.ts'
import { setTheme, type Theme, theme } from '../theme.ts'
import { Choice } from './field.tsx'

const t = texts(
  { language: 'Language', theme: 'Theme', follow: 'As device', dark: 'Dark', light: 'Light' },
  { language: '语言', theme: '主题', follow: '跟随设备', dark: '深色', light: '浅色' },
)

/** @param props.hasTheme - False where there is one theme only. */
export function DisplayChoices({ hasTheme = true }: { hasTheme?: boolean }) {
  return (
    <>
      <Choice<Language>
        label={t().language}
        value={language.value}
        onChange={setLanguage}
        options={[
          { value: 'en', text: 'English' },
          { value: 'zh', text: '中文' },
        ]}
      />
      {hasTheme && (
        <Choice<Theme>
          label={t().theme}
          value={theme.value}
          onChange={setTheme}
          options={(['follow', 'dark', 'light'] as const).map((value) => ({ value, text: t()[value] }))}
        />
      )}
    </>
  )
}
