import { v7 } from 'uuid'

const UUID_V7 = /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/

/**
 * Creates the id of an upload: a UUIDv7 (RFC 9562). Ids sort by the time of their creation, in one process also within a
 * millisecond.
 *
 * @example
 * ```ts
 * createId() // '019ac9e1-5c35-7b0a-8f51-3c1f0d2e6b7a'
 * ```
 */
export function createId(): string {
  return v7()
}

/** Returns true for a text that `createId` may have made. */
export function isId(text: string): boolean {
  return UUID_V7.test(text)
}

/** Returns the time at which an id was created, in milliseconds since 1970. */
export function timeOfId(id: string): number {
  return Number.parseInt(hexOf(id).slice(0, 12), 16)
}

/** Returns the 32 hex digits of an id. */
export function hexOf(id: string): string {
  return id.replaceAll('-', '')
}

/** Returns the id of 32 hex digits. */
export function idOfHex(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
