import { isId } from '../records/id.js'
import { createRequestError } from './body-errors.js'

/** Returns the cursor of the page after an image. */
export function toCursor(id: string): string {
  return Buffer.from(id).toString('base64url')
}

/** Returns the id in a cursor. Throws INVALID_USAGE if the cursor is none. */
export function parseCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString()
  if (isId(id)) return id
  throw createRequestError(
    'cursor is no cursor of this list. Take it from `next` of the page before, unchanged.',
  )
}
