import { randomUUID } from 'node:crypto'
import { ImgprocError, toImgprocError } from '../errors.js'
import type { Store } from '../stores/types.js'

/**
 * Writes a small file to the store and removes it. Throws INVALID_CONFIG if that fails: otherwise each upload would, one
 * by one.
 */
export async function checkStore(store: Store, location: string): Promise<void> {
  const ref = `${location}/cache/check-${randomUUID()}`
  try {
    await store.write(ref, Buffer.from('imgproc'), { contentType: 'text/plain' })
    await store.remove(ref)
  } catch (caught) {
    const { message } = toImgprocError(caught)
    throw new ImgprocError(
      'INVALID_CONFIG',
      `The store ${location} can't be used: ${message} Choose another with --store, or serve.store in the config.`,
      { stage: 'config', path: location, cause: caught },
    )
  }
}
