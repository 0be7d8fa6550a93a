import { readFile } from 'node:fs/promises'
import { ImgprocError } from '../../errors.js'
import { toManifest } from '../../manifest/lazy-manifest.js'
import { readManifestFile } from '../../manifest/manifest-file.js'
import { readManifest } from '../../manifest/read-manifest.js'
import type { Manifest } from '../../manifest/types.js'
import { isRemote } from '../../paths/location.js'
import { withoutSecrets } from '../../paths/url.js'
import { toHtml, toJsx } from '../../report/picture/markup.js'
import { pictureData, sourcesWithOutputs } from '../../report/picture/picture-data.js'
import type { PictureAlt, PictureData, PictureOptions, PictureSettings } from '../../report/picture/types.js'
import { asRecord, parseJson } from '../../utils/parse-json.js'
import { openStores } from '../../run/open-stores.js'
import { resolveStores } from '../../run/resolve-options.js'
import { findManifest, splitManifest, type FoundManifest } from '../flags/find-manifest.js'
import type { MarkupFlags } from '../flags/markup-flags.js'
import { mergePlaceFlags, S3_FLAGS } from '../flags/s3-flags.js'

/** Prints the `<picture>` of sources: `imgproc markup`. */
export async function markupCommand(words: readonly string[], flags: MarkupFlags): Promise<void> {
  const cwd = process.cwd()
  const [typed, sources] = splitManifest(words, cwd)
  const manifest = await readFound(await findManifest(typed, flags.config, cwd), flags, cwd)
  const paths = sources.length > 0 ? sources : sourcesWithOutputs(manifest)
  const alts = await toAlts(paths, flags)
  const { format = 'html', altFrom, alt: _, alts: __, decorative: ___, ...others } = flags
  const settings = withoutSetup(others)
  const pictures = paths.map((path) => {
    const alternative: PictureAlt = altFrom === undefined ? toAlt(alts(path)) : { altFrom }
    const options: PictureOptions = { ...settings, ...alternative }
    return [path, pictureData(manifest, path, options)] as const
  })
  process.stdout.write(`${print(pictures, format)}\n`)
}

/** Reads a manifest from the disk, or from the store that it is in. */
async function readFound(
  { file, root, config }: FoundManifest,
  flags: MarkupFlags,
  cwd: string,
): Promise<Manifest> {
  if (!isRemote(file)) return readManifest(file)
  const store = await openStores(resolveStores({ cwd, root, ...mergePlaceFlags(flags, config) }))
  const { manifest } = await readManifestFile(store, file)
  if (manifest !== undefined) return toManifest(manifest)
  const message = `There is no manifest at ${withoutSecrets(file)}. Name the manifest.json that a run has written beside its outputs.`
  throw new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'read' })
}

/** Leaves out the flags that only tell where the manifest is. */
function withoutSetup(
  flags: Omit<MarkupFlags, 'format' | 'alt' | 'alts' | 'altFrom' | 'decorative'>,
): PictureSettings {
  const setup = new Set(['config', ...Object.keys(S3_FLAGS)])
  return Object.fromEntries(Object.entries(flags).filter(([name]) => !setup.has(name)))
}

function print(
  pictures: readonly (readonly [string, PictureData])[],
  format: NonNullable<MarkupFlags['format']>,
): string {
  if (format === 'json') return JSON.stringify(Object.fromEntries(pictures), null, 2)
  return pictures.map(([, data]) => (format === 'jsx' ? toJsx(data) : toHtml(data))).join('\n')
}

/** An empty text is that of a decorative picture. The library complains about a missing one. */
function toAlt(alt: string | undefined): PictureAlt {
  return alt === '' ? { decorative: true } : { alt: alt ?? '' }
}

/** Returns a function that gives the text alternative of a source; empty for a decorative picture. */
async function toAlts(
  paths: readonly string[],
  { alt, alts, altFrom, decorative }: MarkupFlags,
): Promise<(path: string) => string | undefined> {
  const given = [alt, alts, altFrom, decorative].filter((value) => value !== undefined)
  if (given.length > 1)
    throw createUsageError('--alt, --alts, --alt-from and --decorative exclude each other. Keep one.')
  if (decorative === true) return () => ''
  if (alts !== undefined) return readAlts(alts, paths)
  if (alt !== undefined && paths.length > 1)
    throw createUsageError(
      `--alt is for one source, and there are ${paths.length}. Name the source, or write the texts of all into a file: --alts FILE.`,
    )
  // An empty text may be an unset variable of a script.
  return () => alt?.trim() || undefined
}

async function readAlts(
  file: string,
  paths: readonly string[],
): Promise<(path: string) => string | undefined> {
  const content = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ImgprocError('INVALID_USAGE', `--alts ${file}: the file cannot be read.`, {
      stage: 'usage',
      cause,
    })
  })
  const texts = asRecord(parseJson(content))
  const missing = paths.filter((path) => !Object.hasOwn(texts, path) || typeof texts[path] !== 'string')
  if (missing.length > 0)
    throw createUsageError(
      `--alts ${file}: no text for ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ` and ${missing.length - 5} more` : ''}. The file must be a JSON object of texts by source path; "" is for a picture that only decorates.`,
    )
  return (path) => String(texts[path])
}

function createUsageError(message: string): ImgprocError {
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
