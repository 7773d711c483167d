/** Fields of forms: each has its label, and says what is wrong beside itself. */

import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'

/** One of a few: radio buttons in a row. */
export function Choice<T extends string>({
  label,
  hideLabel = false,
  value,
  options,
  onChange,
  disabled,
}: {
  label: string
  hideLabel?: boolean
  value: T
  options: readonly { value: T; text: string; title?: string }[]
  onChange: (value: T) => void
  disabled?: boolean
}) {
  const name = useId()
  return (
    <fieldset class="field" disabled={disabled}>
      <legend class={hideLabel ? 'for-readers' : undefined}>{label}</legend>
      <div class="choice">
        {options.map((option) => (
          <label key={option.value} title={option.title}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

/** A line of text, or a number with its bounds. `onInput` hears every key, `onChange` when it is left or entered. */
export function TextField({
  label,
  hint,
  problem,
  value,
  onInput,
  onChange,
  type = 'text',
  ...rest
}: {
  label: string
  hint?: string
  problem?: string | undefined
  value: string | number
  onInput?: (value: string) => void
  onChange?: (value: string) => void
  type?: 'text' | 'number' | 'search'
  min?: number
  max?: number
  step?: number
  maxLength?: number
  placeholder?: string
  disabled?: boolean
  autofocus?: boolean
}) {
  const id = useId()
  const about = problem ?? hint
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...rest}
        type={type as 'text'}
        id={id}
        class="input"
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={about ? `${id}-about` : undefined}
        onInput={(event) => onInput?.(event.currentTarget.value)}
        onChange={(event) => onChange?.(event.currentTarget.value)}
      />
      {about && (
        <span id={`${id}-about`} class={problem ? 'problem' : 'hint'}>
          {about}
        </span>
      )}
    </div>
  )
}

/** One of many. */
export function SelectField<T extends string>({
  label,
  value,
  options,
  onChange,
  disabled,
}: {
  label: string
  value: T
  options: readonly { value: T; text: string }[]
  onChange: (value: T) => void
  disabled?: boolean
}) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        class="input"
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.value as T)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </select>
    </div>
  )
}

/** A tick with its words. */
export function Check({
  checked,
  onChange,
  children,
}: {
  checked: boolean
  onChange: (checked: boolean) => void
  children: ComponentChildren
}) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{children}</span>
    </label>
  )
}
