/** The API as a table of its routes, taken from the OpenAPI document that Fastify makes of their schemas. Pure. */

/** What we read of a JSON Schema. */
export interface JsonSchema {
  type?: string | string[]
  description?: string
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  enum?: unknown[]
  const?: unknown
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  default?: unknown
  nullable?: boolean
}

interface Operation {
  summary?: string
  description?: string
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: JsonSchema }[]
  requestBody?: { content?: Record<string, { schema?: JsonSchema }> }
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: JsonSchema }> }>
}

/** What we read of an OpenAPI document, 3.x. */
export interface ApiDocument {
  paths?: Record<string, Record<string, unknown>>
}

export interface Field {
  /** `cameras[].name` for what lies deeper. */
  name: string
  type: string
  isOptional: boolean
  description: string
}

export interface RouteView {
  method: string
  /** As Fastify writes it: `/api/recordings/:id`. */
  path: string
  summary: string
  parameters: (Field & { in: string })[]
  body: Field[]
  answers: { status: string; description: string; fields: Field[] }[]
}

/** A list of lists of objects goes no deeper than this. */
const MAX_DEPTH = 4
/** What swagger says of an answer that nobody described. */
const SAYS_NOTHING = 'Default Response'

/** Every route, in the order of its path. */
export function routesOf(document: ApiDocument): RouteView[] {
  const routes = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => routeOf(method, path, operation as Operation)),
  )
  return routes.sort((a, b) => compare(a.path, b.path) || compare(a.method, b.method))
}

function routeOf(method: string, path: string, operation: Operation): RouteView {
  const { summary, description, parameters = [], requestBody, responses = {} } = operation
  return {
    method: method.toUpperCase(),
    path: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    summary: summary ?? description ?? '',
    parameters: parameters.map(({ name, in: place, required = false, description: says, schema = {} }) => ({
      name,
      in: place,
      type: typeText(schema),
      isOptional: !required,
      description: says ?? schema.description ?? '',
    })),
    body: fieldsOf(schemaIn(requestBody?.content)),
    answers: Object.entries(responses).map(([status, { description: says = '', content }]) => ({
      status,
      description: says === SAYS_NOTHING ? '' : says,
      fields: fieldsOf(schemaIn(content)),
    })),
  }
}

function schemaIn(content: Record<string, { schema?: JsonSchema }> | undefined): JsonSchema | undefined {
  return Object.values(content ?? {})[0]?.schema
}

/** An object's keys, those of objects in it too. */
function fieldsOf(schema: JsonSchema | undefined, prefix = '', depth = 0): Field[] {
  if (!schema || depth > MAX_DEPTH) return []
  const { properties, required = [] } = schema
  if (!properties) return variantsOf(schema).flatMap((one) => fieldsOf(one, prefix, depth))
  return Object.entries(properties).flatMap(([key, one]) => {
    const name = `${prefix}${key}`
    const own = {
      name,
      type: typeText(one),
      isOptional: !required.includes(key),
      description: one.description ?? '',
    }
    const inner = variantsOf(one).flatMap((variant) =>
      variant.type === 'array'
        ? fieldsOf(variant.items, `${name}[].`, depth + 1)
        : fieldsOf(variant, `${name}.`, depth + 1),
    )
    return [own, ...inner]
  })
}

function variantsOf(schema: JsonSchema): JsonSchema[] {
  const { anyOf, oneOf } = schema
  return (anyOf ?? oneOf ?? [schema]).filter((one) => one.properties || one.items)
}

/** `whole number, 1 to 500, default 100`, `text or null`. */
function typeText(schema: JsonSchema): string {
  const { anyOf, oneOf, enum: values, nullable } = schema
  const variants = anyOf ?? oneOf
  if (variants) return [...new Set(variants.map(typeText))].join(' or ')
  const type = Array.isArray(schema.type) ? schema.type.map(typeName).join(' or ') : typeName(schema.type)
  const base = schema.const !== undefined ? JSON.stringify(schema.const) : type
  const text = values
    ? values.map((value) => JSON.stringify(value)).join(', ')
    : `${base}${limitsText(schema)}`
  const byDefault = schema.default === undefined ? '' : `, default ${JSON.stringify(schema.default)}`
  return `${text}${nullable ? ' or null' : ''}${byDefault}`
}

function typeName(type: string | undefined): string {
  const names: Record<string, string> = {
    integer: 'whole number',
    string: 'text',
    boolean: 'true or false',
    array: 'list',
  }
  return names[type ?? ''] ?? type ?? 'anything'
}

/** Limits that a number has by itself are not told. */
function limitsText(schema: JsonSchema): string {
  const { minimum, maximum = Number.MAX_SAFE_INTEGER, minLength, maxLength, pattern } = schema
  const least = minimum !== undefined && minimum > -Number.MAX_SAFE_INTEGER ? minimum : undefined
  const most = maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined
  const range =
    least !== undefined && most !== undefined
      ? `, ${least} to ${most}`
      : least !== undefined
        ? `, at least ${least}`
        : most !== undefined
          ? `, at most ${most}`
          : ''
  const atLeast = minLength ? `, at least ${minLength} characters` : ''
  const atMost = maxLength === undefined ? '' : `, at most ${maxLength} characters`
  return `${range}${atLeast}${atMost}${pattern === undefined ? '' : `, as ${pattern}`}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
