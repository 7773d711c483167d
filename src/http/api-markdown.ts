/** docs/api.md, as `npm run docs` makes it. Pure. */

import type { Field, RouteView } from './api-document.ts'

/** Ahead of a parameter's name, as it stands in an address; a header has none. */
const SIGN: Record<string, string> = { path: ':', query: '?' }

/** A section for each route. */
export function apiMarkdown(routes: readonly RouteView[]): string {
  return `${routes.map(sectionOf).join('\n\n')}\n`
}

function sectionOf({ method, path, summary, parameters, body, answers }: RouteView): string {
  const blocks = [`## \`${method} ${path}\``]
  if (summary !== '') blocks.push(`${summary}.`)
  const ours = parameters.map((one) => ({ ...one, name: `${SIGN[one.in] ?? ''}${one.name}` }))
  if (ours.length > 0) blocks.push(tableOf('parameter', ours))
  if (body.length > 0) blocks.push(tableOf('body', body))
  for (const { status, description, fields } of answers) {
    if (description === '' && fields.length === 0) continue
    blocks.push(`Answers ${status}${description === '' ? '' : `: ${description}`}.`)
    if (fields.length > 0) blocks.push(tableOf('answer', fields))
  }
  return blocks.join('\n\n')
}

function tableOf(head: string, fields: readonly Field[]): string {
  const rows = fields.map(({ name, type, isOptional, description }) =>
    [`\`${name}\``, cell(`${type}${isOptional ? '; may be left out' : ''}`), cell(description)].join(' | '),
  )
  return [`| ${head} | type | what it is |`, '|---|---|---|', ...rows.map((row) => `| ${row} |`)].join('\n')
}

/** Text that Markdown takes as it is; what is code stays code. */
function cell(text: string): string {
  const pieces = text.replaceAll(/\s+/g, ' ').split(/(`[^`]*`)/)
  return pieces
    .map((piece) => piece.replaceAll(piece.startsWith('`') ? /\|/g : /[\\|<>*_[\]]/g, '\\$&'))
    .join('')
}
