/**
 * Returns a copy of a value that JSON can hold, without keys whose value is undefined. Throws a TypeError that names the
 * path of a value that JSON can't hold.
 */
export function toJson(value: unknown): unknown {
  return copy(value, 'the result', [])
}

function copy(value: unknown, path: string, parents: readonly object[]): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'number' || value === undefined) throw createNotJsonError(path, String(value))
  if (typeof value !== 'object') throw createNotJsonError(path, `a ${typeof value}`)
  if (parents.includes(value)) throw createNotJsonError(path, 'an object that holds itself')
  const inside = [...parents, value]
  if (Array.isArray(value))
    return Array.from(value, (item: unknown, index) => copy(item, `${path}[${index}]`, inside))
  if (!isPlain(value)) throw createNotJsonError(path, `a ${value.constructor.name}`)
  const kept = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(kept.map(([key, item]) => [key, copy(item, `${path}.${key}`, inside)]))
}

/** Returns true for an object literal, also of another realm: jiti may load modules in one. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function createNotJsonError(path: string, found: string): TypeError {
  return new TypeError(
    `${path} is ${found}, which JSON can't hold; return objects, arrays, strings, finite numbers, booleans or null.`,
  )
}
