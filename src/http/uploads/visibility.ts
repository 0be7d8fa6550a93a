import { ImgprocError } from '../../errors.js'
import { isId } from '../records/id.js'
import type { ImageRecord, Records } from '../records/types.js'
import type { Caller } from './types.js'

/** Returns the owner whose images a caller sees; undefined for all. */
export function ownerSeenBy({ token }: Caller): string | undefined {
  return token === undefined || token.scopes.includes('admin') ? undefined : token.id
}

/** Returns true if the time of an image is over. */
export function hasExpired({ expiresAt }: ImageRecord): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()
}

/** Returns an image that the caller sees. Throws INPUT_NOT_FOUND or EXPIRED. */
export async function findVisible(id: string, caller: Caller, records: Records): Promise<ImageRecord> {
  const record = isId(id) ? await records.get(id) : undefined
  const owner = ownerSeenBy(caller)
  const isVisible = owner === undefined || owner === record?.owner
  if (record === undefined || !isVisible) throw createNoImageError(id)
  if (hasExpired(record)) throw createExpiredError(id)
  return record
}

/** Creates the error of an id that the caller sees no image of. */
export function createNoImageError(id: string): ImgprocError {
  const message = `There is no image ${JSON.stringify(id.slice(0, 100))}. Take the id from the answer to its upload, or from GET /v1/images.`
  return new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'read' })
}

function createExpiredError(id: string): ImgprocError {
  const message = `The image ${id} has expired and is removed. Upload it again.`
  return new ImgprocError('EXPIRED', message, { stage: 'read' })
}
