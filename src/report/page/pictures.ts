import { resolve } from 'node:path'
import { hasImageContent, SIGNATURE_BYTES } from '../../image/file-kinds.js'
import { outputTypeOf } from '../../image/output-formats.js'
import type { ManifestSource, ReadyOutput } from '../../manifest/types.js'
import { isRemote, relativeLocation, resolveLocation } from '../../paths/location.js'
import { createFileStore } from '../../stores/file/store.js'
import { transform } from '../../transform.js'
import { relativeUrl } from './relative-url.js'
import type { PictureRef } from './types.js'

/** Formats that browsers show, and their media types. */
const SHOWN: Readonly<Record<string, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
  svg: 'image/svg+xml',
}

/** Bytes of a file that the page holds as it is; of a larger one it holds a preview. */
const MAX_EMBEDDED = { source: 400_000, output: 1_500_000 }
/** Pixels of the longer side of a preview. */
const PREVIEW_SIDE = 1600
const PREVIEW_QUALITY = 80

/** Finds the pictures of a report, or makes previews of those that browsers do not show. */
export interface Pictures {
  /** @param hasFailed true if its failure is shown, so that a missing picture surprises nobody. */
  ofSource(source: ManifestSource, hasFailed: boolean): Promise<PictureRef | undefined>
  /** @param folder the manifest's folder. */
  ofOutput(output: ReadyOutput, folder: string): Promise<PictureRef | undefined>
  /** Pictures that the page holds, as data URLs. */
  readonly blocks: readonly string[]
  /** Paths of files that are not there, or are no pictures. */
  readonly missing: readonly string[]
}

interface PicturesOptions {
  /** Folder that paths of sources are relative to. */
  readonly root: string
  /** Folder of the page. */
  readonly pageFolder: string
  /** True if the page holds all pictures; false if it links to their files. */
  readonly isEmbedded: boolean
}

type Kind = keyof typeof MAX_EMBEDDED

export function createPictures({ root, pageFolder, isEmbedded }: PicturesOptions): Pictures {
  const store = createFileStore({ cwd: root })
  const blocks: string[] = []
  const missing: string[] = []
  const hold = (mime: string, bytes: Uint8Array, isPreview: boolean): PictureRef => {
    blocks.push(`data:${mime};base64,${Buffer.from(bytes).toString('base64')}`)
    return { block: blocks.length - 1, ...(isPreview && { isPreview }) }
  }
  /** A path in a manifest may lead anywhere, so that only pictures become part of the page. */
  const isPicture = async (ref: string) =>
    hasImageContent(await store.read(ref, { range: [0, SIGNATURE_BYTES] })) ||
    /\.(?:svgz?|heic|heif)$/i.test(ref)
  const find = async (ref: string, format: string | undefined, bytes: number, kind: Kind) => {
    const mime = SHOWN[format ?? outputTypeOf(ref) ?? '']
    if (mime !== undefined && !isEmbedded) return { url: relativeUrl(pageFolder, ref) }
    if (mime !== undefined && bytes <= MAX_EMBEDDED[kind]) return hold(mime, await store.read(ref), false)
    const { data, info } = await transform(ref, [
      { thumbnail: { width: PREVIEW_SIDE, height: PREVIEW_SIDE } },
      { format: { type: 'webp', quality: PREVIEW_QUALITY } },
    ])
    return hold(info.mime, data, true)
  }
  const open = async (
    path: string,
    folder: string,
    format: string | undefined,
    bytes: number,
    kind: Kind,
    hasFailed = false,
  ) => {
    const ref = resolveLocation(path, folder)
    if (isRemote(ref)) return undefined
    try {
      if (await isPicture(ref)) return await find(ref, format, bytes, kind)
    } catch {
      // A report about damaged files has to show the others.
    }
    if (!hasFailed) missing.push(relativeLocation(ref, folder))
    return undefined
  }
  return {
    blocks,
    missing,
    ofSource: ({ path, format, bytes = 0 }, hasFailed) =>
      open(path, resolve(root), format, bytes, 'source', hasFailed),
    ofOutput: ({ path, format, bytes }, folder) => open(path, folder, format, bytes, 'output'),
  }
}
