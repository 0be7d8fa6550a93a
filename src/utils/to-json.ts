/** A copy of a value that JSON can hold; keys that are undefined are left out. Throws a TypeError that names what isn't. */
export function toJson(value: unknown): unknown {
  return copy(value, 'the result', [])
}

function copy(value: unknown, path: string, above: readonly object[]): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'number' || value === undefined) throw notJson(path, String(value))
  if (typeof value !== 'object') throw notJson(path, `a ${typeof value}`)
  if (above.includes(value)) throw notJson(path, 'an object that holds itself')
  const inside = [...above, value]
  if (Array.isArray(value))
    return Array.from(value, (item: unknown, index) => copy(item, `${path}[${index}]`, inside))
  if (!isPlain(value)) throw notJson(path, `a ${value.constructor.name}`)
  const kept = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(kept.map(([key, item]) => [key, copy(item, `${path}.${key}`, inside)]))
}

/** Made by braces, also in another realm, which is where a module that jiti loads may live. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function notJson(path: string, what: string): TypeError {
  return new TypeError(
    `${path} is ${what}, which JSON can't hold; return objects, lists, texts, finite numbers, booleans or null.`,
  )
}
