import type { Metadata } from 'sharp'
import { sharp } from '../sharp.js'
import { ImgprocError } from '../errors.js'
import { scaleSize } from '../operations/geometry.js'
import type { Size } from '../picture.js'
import type { CallLimits } from '../utils/disposable-pool.js'
import { explainSharpError, limitSharp } from './explain-sharp-error.js'
import { drawInProcess } from './svg-process.js'

/*
 * A few lines of SVG (filters, patterns, copies, dashes) can keep librsvg busy for hours or fill any memory. The size of
 * the file and of the picture don't predict it, and sharp's timeout doesn't stop it. So an SVG is drawn in a process that
 * can be killed, unless it is simple: it has only shapes, colours and gradients, whose cost follows from their number and
 * size. References to files and the network are never followed: librsvg gets bytes without a base URL, and then opens
 * only data: URLs.
 */

/** An opened SVG. */
export interface Drawing {
  readonly metadata: Metadata
  /** Draws a PNG of a size in pixels. Throws TOO_MANY_PIXELS and the errors of `drawInProcess`. */
  readonly draw: (size: Size) => Promise<Uint8Array>
}

export interface DrawingLimits extends CallLimits {
  readonly maxPixels: number
}

/**
 * Opens an SVG and reads its size. Returns undefined for other formats that sharp reads. Throws the errors of
 * `drawInProcess`.
 */
export async function openDrawing(svg: Uint8Array, limits: DrawingLimits): Promise<Drawing | undefined> {
  const shapes = countSimpleShapes(svg)
  const { metadata } =
    shapes === undefined
      ? await drawInProcess({ svg, maxPixels: 0 }, limits)
      : await readHeader(svg, limits.seconds)
  if (metadata.format !== 'svg') return undefined
  return {
    metadata,
    async draw(size) {
      const drawSize = checkedDrawSize(size, metadata, limits.maxPixels)
      if (estimateSeconds(shapes, svg.length, drawSize) <= 1) {
        return drawInThisProcess(svg, size, limits.seconds)
      }
      const { png } = await drawInProcess({ svg, size, maxPixels: limits.maxPixels }, limits)
      return png!
    },
  }
}

async function readHeader(svg: Uint8Array, seconds: number): Promise<{ metadata: Metadata }> {
  try {
    const header = sharp(svg, { limitInputPixels: false }).metadata()
    return { metadata: await limitSharp(header, seconds, 'decode') }
  } catch (error) {
    throw explainSharpError(error, 'decode')
  }
}

async function drawInThisProcess(
  svg: Uint8Array,
  { width, height }: Size,
  seconds: number,
): Promise<Uint8Array> {
  try {
    const drawn = sharp(svg, { limitInputPixels: false })
      .timeout({ seconds })
      .resize({ width, height, fit: 'fill' })
      .png({ compressionLevel: 0 })
    return await limitSharp(drawn.toBuffer(), seconds, 'decode')
  } catch (error) {
    throw explainSharpError(error, 'decode')
  }
}

/** Returns true if a file may be an SVG: always for an SVG, and for some other files too. */
export function maybeSvg(bytes: Uint8Array): boolean {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  // XML begins with markup. libvips does not recognise an SVG in UTF-16.
  const first = bytes.subarray(start).find((byte) => !WHITE_SPACE.has(byte))
  return isGzip || first === MARKUP
}

const WHITE_SPACE = new Set([0x20, 0x09, 0x0a, 0x0d])
const MARKUP = 0x3c

/** Limit of cairo. */
const MAX_SIDE = 32_767

/** Returns the size at which an SVG is drawn before it is fitted to another aspect. Throws TOO_MANY_PIXELS. */
function checkedDrawSize(size: Size, from: Size, maxPixels: number): Size {
  const drawSize = scaleSize(from, Math.max(size.width / from.width, size.height / from.height))
  const { width, height } = drawSize
  if (width * height > maxPixels || Math.max(width, height) > MAX_SIDE) {
    throw new ImgprocError(
      'TOO_MANY_PIXELS',
      `The SVG would be drawn at ${width}x${height}. The limits are ${maxPixels} pixels (limits.pixels, --limit-pixels) and ${MAX_SIDE} pixels per side.`,
      { stage: 'decode' },
    )
  }
  return drawSize
}

/** Returns the most seconds a simple SVG takes: every shape fills the picture, or all lines of one shape cross. */
function estimateSeconds(shapes: number | undefined, bytes: number, { width, height }: Size): number {
  if (shapes === undefined) return Infinity
  return (shapes * width * height) / 2e8 + (bytes ** 2 * height) / 1e11
}

const MAX_SIMPLE_BYTES = 65_536

const SIMPLE_ELEMENTS = new Set(
  'svg g path rect circle ellipse line polygon polyline defs linearGradient radialGradient stop title desc'.split(
    ' ',
  ),
)
// Excludes opacity of groups, dashes, styles, filters, and all references but those to gradients.
const SIMPLE_ATTRIBUTES =
  /^(?:id|class|d|points|version|viewBox|preserveAspectRatio|width|height|[cfr]?[xy][12]?|f?r|transform|fill(?:-rule|-opacity)?|stroke(?:-width|-linecap|-linejoin|-miterlimit|-opacity)?|color|offset|stop-color|stop-opacity|gradientUnits|gradientTransform|spreadMethod|xmlns(?::\w+)?|xml:space|role|focusable|(?:aria|data)-[\w-]+)$/

const TOKEN =
  /<\?xml [^<>?]*\?>|<!--(?:[^-]|-(?!-))*-->|<\/[\w:.-]+\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*\/?>|[^<]+/y
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"[^"]*"|'[^']*')/g

/** Returns the number of elements of a simple SVG, undefined for any other SVG. */
function countSimpleShapes(svg: Uint8Array): number | undefined {
  if (svg.length > MAX_SIMPLE_BYTES) return undefined
  const text = Buffer.from(svg)
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
  let count = 0
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
    const token = TOKEN.exec(text)
    // A document type with entities, a style sheet, or XML that is not well-formed.
    if (token === null) return undefined
    const [, name, attributes = ''] = token
    if (name === undefined) continue
    if (!SIMPLE_ELEMENTS.has(name)) return undefined
    for (const [, attribute = ''] of attributes.matchAll(ATTRIBUTE)) {
      if (!SIMPLE_ATTRIBUTES.test(attribute)) return undefined
    }
    count++
  }
  return count
}
