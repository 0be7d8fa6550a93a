import { STATUS_CODES } from 'node:http'
import type { Json } from './parameters.js'

/** Restrictions on who may send a request. */
export interface Access {
  readonly hasTokens: boolean
  readonly isOpen?: boolean
}

/** An answer: the name of its schema, or that of one and of the items of a list; its content; or nothing. */
type Answer = string | readonly [oneOrMore: string] | Json | undefined

interface OperationParts {
  readonly parameters?: readonly Json[]
  readonly requestBody?: Json
  readonly answers: Readonly<Record<number, Answer>>
  /** Statuses of problems. */
  readonly errors?: readonly number[]
}

/** Content of a picture. */
export const binary: Json = {
  content: { 'image/*': { schema: { type: 'string', format: 'binary' } } },
  headers: { ETag: { schema: { type: 'string' } }, 'Cache-Control': { schema: { type: 'string' } } },
}

/** Returns the description of a method of a path. */
export function operation(
  operationId: string,
  summary: string,
  { hasTokens, isOpen = false }: Access,
  { answers, errors = [], ...parts }: OperationParts,
): Json {
  const refusals = isOpen ? [] : hasTokens ? [401, 403, 429] : [429]
  const statuses = [...new Set([...errors, ...refusals])].toSorted((a, b) => a - b)
  const problem = refer('Problem', 'application/problem+json')
  return {
    operationId,
    summary,
    ...parts,
    ...(hasTokens && !isOpen && { security: [{ token: [] }] }),
    responses: Object.fromEntries([
      ...Object.entries(answers).map(([status, answer]) => [status, describe(status, answer)]),
      ...statuses.map((status) => [String(status), describe(String(status), problem)]),
    ]),
  }
}

function describe(status: string, answer: Answer): Json {
  return { description: STATUS_CODES[status] ?? status, ...contentOf(answer) }
}

function contentOf(answer: Answer): Json | undefined {
  if (typeof answer === 'string') return refer(answer, 'application/json')
  if (!isList(answer)) return answer
  const one = { $ref: `#/components/schemas/${answer[0]}` }
  return { content: { 'application/json': { schema: { anyOf: [one, { type: 'array', items: one }] } } } }
}

function isList(answer: Answer): answer is readonly [string] {
  return Array.isArray(answer)
}

function refer(schema: string, type: string): Json {
  return { content: { [type]: { schema: { $ref: `#/components/schemas/${schema}` } } } }
}
