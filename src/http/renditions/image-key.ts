import { ImgprocError } from '../../errors.js'
import { versions } from '../../manifest/tool-versions.js'
import type { Store } from '../../stores/types.js'
import { sha256 } from '../../utils/sha256.js'
import { createIdentify, type SourceIdentity } from './source-identity.js'

/** Finds out whether an answer is the same as an earlier one, before anything is read. */
export interface ImageKeys {
  /** Throws INPUT_NOT_FOUND. @param isFresh asks the store, whatever is remembered. */
  identify(ref: string, isFresh: boolean): Promise<SourceIdentity>
  /**
   * Returns a hash of everything that decides the bytes of an answer; undefined if the source has no version.
   *
   * @param recipe hash of the operations; empty for the file itself.
   * @param files files that the operations read.
   */
  keyOf(
    ref: string,
    identity: SourceIdentity,
    recipe: string,
    files?: readonly string[],
  ): Promise<string | undefined>
}

/** Hex digits of a key: 160 bits. */
const KEY_LENGTH = 40

/** Creates the keys of answers from the files of a store. */
export function createImageKeys(store: Store): ImageKeys {
  const identify = createIdentify(store)
  const tool = JSON.stringify(versions())
  return {
    async identify(ref, isFresh) {
      const identity = await identify(ref, isFresh)
      if (identity !== undefined) return identity
      const message = `There is no file ${ref}. Check its name.`
      throw new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'read', path: ref })
    },
    async keyOf(ref, { version }, recipe, files = []) {
      if (version === undefined) return undefined
      const parts = [tool, recipe, ref, version]
      for (const file of files) parts.push(file, (await identify(file))?.version ?? '')
      return sha256(parts.join('\n')).slice(0, KEY_LENGTH)
    },
  }
}
