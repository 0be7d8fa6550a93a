import type { Sharp } from 'sharp'
import { sharp } from '../sharp.js'
import { ImgprocError, toImgprocError } from '../errors.js'
import type { Analysis } from './analysis.js'
import type { Analyzer, AnalyzerContext } from './types.js'
import { withTimeLimit } from '../utils/time-limit.js'
import { toJson } from '../utils/to-json.js'
import { explainSharpError } from '../image/explain-sharp-error.js'
import { pictureOf, sharpOptions, toPixels, type OpenImage } from '../image/open-image.js'

/** Pixels: enough for colours and hashes, and so few that a dozen analyzers cost less than one decode. */
const PREVIEW_SIDE = 256

/** Findings about a source, and the analyzers that failed. */
export interface Analyzed {
  /** Findings by analyzer name. Failed analyzers are left out. */
  readonly analysis: Analysis
  readonly errors: readonly { readonly name: string; readonly error: ImgprocError }[]
}

/** Runs analyzers on a source in sequence. A failed one does not stop the others. Throws if an SVG cannot be drawn. */
export async function analyze(source: OpenImage, analyzers: readonly Analyzer[]): Promise<Analyzed> {
  const image = await toPixels(source)
  const context = createContext(image)
  const found: [name: string, finding: unknown][] = []
  const errors: { name: string; error: ImgprocError }[] = []
  for (const analyzer of analyzers) {
    const { name } = analyzer
    try {
      found.push([name, toJson(await limited(analyzer, image, context))])
    } catch (error) {
      // If decoding fails without the analyzer too, the source is damaged.
      const damage = await context.preview().then(
        () => undefined,
        (cause: unknown) => toDecodeError(cause, image),
      )
      errors.push({ name, error: damage ?? createAnalyzerFailure(name, error) })
    }
  }
  return { analysis: Object.fromEntries(found) as Analysis, errors } // each analyzer returns its own type
}

/** Runs an analyzer for as long as the limit of seconds. Its promise may never settle. */
async function limited(analyzer: Analyzer, image: OpenImage, context: AnalyzerContext): Promise<unknown> {
  const { seconds } = image.options.limits
  const createError = () =>
    new ImgprocError('TIMED_OUT', `It took longer than ${seconds} seconds (limits.seconds, --timeout).`)
  return withTimeLimit(Promise.resolve(analyzer.analyze(openUpright(image), context)), seconds, createError)
}

function createContext(image: OpenImage): AnalyzerContext {
  const { width, height } = pictureOf(image, true, false)
  let preview: ReturnType<typeof decodePreview> | undefined
  return {
    metadata: image.metadata,
    bytes: image.bytes,
    width,
    height,
    seconds: image.options.limits.seconds,
    signal: image.options.signal,
    preview: async () => {
      preview ??= decodePreview(image)
      const { data, info } = await preview.catch((error: unknown) => {
        throw toDecodeError(error, image)
      })
      return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } })
    },
  }
}

function openUpright(image: OpenImage): Sharp {
  const { metadata, bytes, options } = image
  const upright = sharp(bytes, { ...sharpOptions(options), autoOrient: true })
    .timeout({ seconds: options.limits.seconds })
    .toColourspace('srgb')
  // sharp processes 16-bit pictures with a profile in Display P3, and would return them in it.
  const isDeep = metadata.hasProfile && pictureOf(image, true, false).depth === 16
  return isDeep ? upright.withIccProfile('srgb', { attach: false }) : upright
}

function decodePreview(image: OpenImage) {
  return openUpright(image)
    .resize(PREVIEW_SIDE, PREVIEW_SIDE, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
}

function toDecodeError(error: unknown, { options }: OpenImage): ImgprocError {
  return explainSharpError(error, 'decode', options.failOn)
}

/** Creates the error of an analyzer that failed on an intact source. */
function createAnalyzerFailure(name: string, error: unknown): ImgprocError {
  const { code, message, stage, path, retryable } = toImgprocError(error)
  const details = { stage, path, retryable, cause: error }
  return new ImgprocError(code, `The analyzer "${name}" failed: ${message}`, details)
}
