import type { OutputResult } from '../../jobs/types.js'
import type { OrderedStore } from '../../stores/types.js'
import { hexOf } from '../records/id.js'
import { timeFolders } from '../records/time-folders.js'

/** The files of uploads in the store: originals and outputs. */
export interface ImageFiles {
  readonly store: OrderedStore
  /** Returns the ref of an original. */
  readonly original: (id: string) => string
  /** The folder of all originals. */
  readonly originalsFolder: string
  /** Returns the folder of an image's outputs, in which other images have theirs too. */
  readonly outputFolder: (id: string) => string
  /** Returns the ref of an output, whose path is below that folder. */
  readonly output: (id: string, output: Pick<OutputResult, 'path'>) => string
  readonly writeOriginal: (id: string, bytes: Uint8Array, mime: string) => Promise<void>
  /** Removes the original and all outputs. */
  readonly remove: (id: string) => Promise<void>
  /** Removes temp files that a killed process left beside the files of an image. */
  readonly sweep: (id: string) => Promise<void>
}

/** Creates the files of uploads below a folder or URL. All names of an image begin with its id. */
export function createImageFiles(store: OrderedStore, root: string): ImageFiles {
  const originalsFolder = `${root}/originals`
  const folderOf = (folder: string, id: string) => `${folder}/${timeFolders(hexOf(id))}`
  const original = (id: string) => `${folderOf(originalsFolder, id)}/${id}`
  const outputFolder = (id: string) => folderOf(`${root}/outputs`, id)
  return {
    store,
    original,
    originalsFolder,
    outputFolder,
    output: (id, { path }) => `${outputFolder(id)}/${path}`,
    async writeOriginal(id, bytes, contentType) {
      await store.write(original(id), bytes, { contentType })
    },
    async remove(id) {
      const prefix = `${outputFolder(id)}/${id}.`
      for await (const { ref } of store.listInOrder(outputFolder(id), { after: prefix })) {
        if (!ref.startsWith(prefix)) break
        await store.remove(ref)
      }
      await store.remove(original(id))
    },
    async sweep(id) {
      const folders = [folderOf(originalsFolder, id), outputFolder(id)]
      await Promise.all(folders.map(async (folder) => store.sweep?.(folder, { shallow: true })))
    },
  }
}
