/** `/api/docs`: the API for people, and as an OpenAPI document for programs. */

import type { FastifyPluginCallback } from 'fastify'
import { type ApiDocument, type Field, type RouteView, routesOf } from './api-document.ts'

export const docsRoutes: FastifyPluginCallback = (app, _options, done) => {
  app.get('/api/docs', { schema: { summary: 'This page' } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(docsPage(routesOf(app.swagger() as ApiDocument))),
  )
  app.get('/api/docs/json', { schema: { summary: 'The same as an OpenAPI 3.0 document' } }, async () =>
    app.swagger(),
  )
  app.get('/api/docs/style.css', { schema: { summary: 'How /api/docs looks' } }, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').send(STYLE),
  )
  done()
}

/** The page. Colours come from /login.css. */
function docsPage(routes: readonly RouteView[]): string {
  const list = routes.map(
    (route) => `<li><a href="#${anchorOf(route)}"><code>${titleOf(route)}</code></a></li>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rollcall API</title>
<link rel="icon" href="/login.svg">
<link rel="stylesheet" href="/login.css">
<link rel="stylesheet" href="/api/docs/style.css">
</head>
<body>
<main>
<h1>Rollcall API</h1>
<p>Every request carries the token: <code>Authorization: Bearer …</code>, or the cookie of <a href="/login">/login</a>.
Errors are answered with <code>{"code", "message"}</code>. For programs: <a href="/api/docs/json">OpenAPI</a>.</p>
<nav aria-label="Routes"><ul>
${list.join('\n')}
</ul></nav>
${routes.map(section).join('\n')}
</main>
</body>
</html>
`
}

function section(route: RouteView): string {
  const { summary, parameters, body, answers } = route
  const tables = [
    table('Parameters', parameters),
    table('Body', body),
    ...answers.map(({ status, description, fields }) =>
      fields.length > 0
        ? table(description === '' ? `Answer ${status}` : `Answer ${status}: ${description}`, fields)
        : description === ''
          ? ''
          : `<p>Answers ${escaped(status)}: ${escaped(description)}.</p>`,
    ),
  ]
  const lead = summary === '' ? '' : `<p>${escaped(summary)}.</p>`
  return `<section id="${anchorOf(route)}"><h2><code>${titleOf(route)}</code></h2>${lead}${tables.join('')}</section>`
}

function table(caption: string, fields: readonly Field[]): string {
  if (fields.length === 0) return ''
  const rows = fields.map(
    ({ name, type, isOptional, description }) =>
      `<tr><th scope="row"><code>${escaped(name)}</code></th><td>${escaped(type)}${isOptional ? '; may be left out' : ''}</td><td>${escaped(description)}</td></tr>`,
  )
  return `<table><caption>${escaped(caption)}</caption><tbody>${rows.join('')}</tbody></table>`
}

function titleOf({ method, path }: RouteView): string {
  return escaped(`${method} ${path}`)
}

function anchorOf({ method, path }: RouteView): string {
  return `${method} ${path}`.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replaceAll(/[&<>"]/g, (char) => entities[char]!)
}

const STYLE = `body { display: block }
main { max-width: 960px; margin: 0 auto; overflow-wrap: anywhere }
nav ul { columns: 2 320px; margin: 0; padding: 0; list-style: none }
section { margin-top: 32px; padding-top: 16px; border-top: 1px solid var(--line) }
code { font: 14px/1.5 ui-monospace, Menlo, Consolas, monospace; color: var(--text) }
h2 { margin: 0 0 8px }
h2 code { font-size: 16px; font-weight: 600 }
table { width: 100%; margin: 0 0 16px; border-collapse: collapse; font-size: 14px }
caption { padding: 4px 0; text-align: left; font-weight: 600 }
th, td { padding: 4px 12px 4px 0; text-align: left; vertical-align: top; border-top: 1px solid var(--line) }
th { width: 30% } td { width: 35% }
@media (max-width: 480px) { nav ul { columns: 1 } }
`
