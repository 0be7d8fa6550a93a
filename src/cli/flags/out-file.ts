import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ImgprocError } from '../../errors.js'
import { outputTypeOf } from '../../image/output-formats.js'
import { isRemote } from '../../paths/location.js'
import { openStores } from '../../run/open-stores.js'
import type { RunOptions } from '../../run/options.js'
import { resolveStores } from '../../run/resolve-options.js'
import type { RunFlags } from './run-flags.js'

/** Images that are not written. As the name of an output they are a mistake, not a folder. */
const UNWRITTEN = /\.(?:svgz?|heic|heif|bmp|dib|ico|cur|p[abgnp]m|qoi|jxl|jp2)$/i

/** Turns `--out` into a single file if it names one: it has an image's extension, and is no existing folder. */
export async function detectOutFile(
  options: RunOptions,
  { out: typed, manifest }: Pick<RunFlags, 'out' | 'manifest'>,
): Promise<RunOptions> {
  if (typed === undefined || options.inputs === undefined || !namesFile(typed)) return options
  if (await isFolder(typed, options)) return options
  const { out: _, ...rest } = options
  // A config's manifest lists the outputs of its folder, not conversions of single files.
  return { ...rest, outFile: typed, manifest: manifest === undefined ? undefined : rest.manifest }
}

function namesFile(location: string): boolean {
  // The first part of a URL is a bucket or host.
  if (/^[^/]*:\/\/[^/]*$/.test(location)) return false
  return outputTypeOf(location) !== undefined || UNWRITTEN.test(location)
}

async function isFolder(location: string, options: RunOptions): Promise<boolean> {
  if (!isRemote(location)) {
    const found = await stat(resolve(location)).catch(() => undefined)
    return found?.isDirectory() === true
  }
  const store = await openStores(resolveStores(options))
  // Without permission to list, the name decides.
  const found = await store.locate(location).catch(() => undefined)
  return found?.kind === 'folder'
}

/**
 * Checks that the last of two inputs is not meant as the output, as other programs take it.
 *
 * @throws ImgprocError INVALID_USAGE
 */
export async function checkLastInput(inputs: readonly string[], out: string | undefined): Promise<void> {
  const [first = '', last = '', ...others] = inputs
  if (out !== undefined || others.length > 0 || isRemote(last) || outputTypeOf(last) === undefined) return
  if (/[*?[\]{}()!]/.test(last)) return
  const exists = async (path: string) => (await stat(resolve(path)).catch(() => undefined)) !== undefined
  if ((await exists(last)) || !(isRemote(first) || (await exists(first)))) return
  const message = `There is no file "${last}". Each word is an input. To write to ${last}, type -o ${last}`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: last })
}
