import type { Metadata } from 'sharp'
import { sharp } from '../sharp.js'
import { ImgprocError } from '../errors.js'
import { scaleSize } from '../operations/geometry.js'
import type { Size } from '../picture.js'
import type { CallLimits } from '../utils/disposable-pool.js'
import { explainSharpError } from './explain-sharp-error.js'
import { drawInProcess } from './svg-process.js'

/*
 * An SVG is a program: a few lines of filters, patterns, copies or dashes keep librsvg busy for hours or fill any
 * memory, the size of the file and of the picture say nothing about it, and sharp's timeout doesn't stop it. So a
 * drawing is made in a process that can be ended, unless it is tame: made only of shapes, colours and gradients,
 * which cost what their number and size cost. References to files and the network are not followed either way:
 * librsvg gets bytes without an address, and then opens nothing but data: URLs.
 */

/** An SVG that was opened. */
export interface Drawing {
  readonly metadata: Metadata
  /** A PNG of a size in pixels. */
  readonly draw: (size: Size) => Promise<Uint8Array>
}

export interface DrawingLimits extends CallLimits {
  readonly maxPixels: number
}

/** Reads the size of an SVG. Undefined where the file is something else that sharp knows. */
export async function openDrawing(svg: Uint8Array, limits: DrawingLimits): Promise<Drawing | undefined> {
  const shapes = countTameShapes(svg)
  const { metadata } =
    shapes === undefined ? await drawInProcess({ svg, maxPixels: 0 }, limits) : await readHeader(svg)
  if (metadata.format !== 'svg') return undefined
  return {
    metadata,
    async draw(size) {
      const seconds = secondsFor(shapes, svg.length, checkSize(size, metadata, limits.maxPixels))
      if (seconds <= 1) {
        return drawHere(svg, size, limits.seconds)
      }
      const { png } = await drawInProcess({ svg, size, maxPixels: limits.maxPixels }, limits)
      return png!
    },
  }
}

async function readHeader(svg: Uint8Array): Promise<{ metadata: Metadata }> {
  try {
    return { metadata: await sharp(svg, { limitInputPixels: false }).metadata() }
  } catch (error) {
    throw explainSharpError(error, 'decode')
  }
}

async function drawHere(svg: Uint8Array, { width, height }: Size, seconds: number): Promise<Uint8Array> {
  try {
    return await sharp(svg, { limitInputPixels: false })
      .timeout({ seconds })
      .resize({ width, height, fit: 'fill' })
      .png({ compressionLevel: 0 })
      .toBuffer()
  } catch (error) {
    throw explainSharpError(error, 'decode')
  }
}

/** Whether a file may be an SVG. Some that aren't may be taken for one, but never the other way round. */
export function maybeSvg(bytes: Uint8Array): boolean {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  const start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  // XML is markup from its first character on; in UTF-16 libvips doesn't know it.
  const first = bytes.subarray(start).find((byte) => !WHITE_SPACE.has(byte))
  return isGzip || first === MARKUP
}

const WHITE_SPACE = new Set([0x20, 0x09, 0x0a, 0x0d])
const MARKUP = 0x3c

/** cairo's. */
const LONGEST_SIDE = 32_767

/** The size in which a picture of some size is drawn before it is squeezed into its aspect. */
function checkSize(size: Size, from: Size, maxPixels: number): Size {
  const drawn = scaleSize(from, Math.max(size.width / from.width, size.height / from.height))
  const { width, height } = drawn
  if (width * height > maxPixels || Math.max(width, height) > LONGEST_SIDE) {
    throw new ImgprocError(
      'TOO_MANY_PIXELS',
      `An SVG is drawn with at most ${maxPixels} pixels (limits.pixels, --limit-pixels) and ${LONGEST_SIDE} on a side; this one would have ${width}x${height}.`,
      { stage: 'decode' },
    )
  }
  return drawn
}

/** How long a tame drawing takes at the worst: each shape fills it all, or one shape's lines all cross each other. */
function secondsFor(shapes: number | undefined, bytes: number, { width, height }: Size): number {
  if (shapes === undefined) return Infinity
  return (shapes * width * height) / 2e8 + (bytes ** 2 * height) / 1e11
}

const TAME_BYTES = 65_536

const TAME_ELEMENTS = new Set(
  'svg g path rect circle ellipse line polygon polyline defs linearGradient radialGradient stop title desc'.split(
    ' ',
  ),
)
// No opacity of groups, no dashes, no style, no filter, no reference but to a gradient.
const TAME_ATTRIBUTES =
  /^(?:id|class|d|points|version|viewBox|preserveAspectRatio|width|height|[cfr]?[xy][12]?|f?r|transform|fill(?:-rule|-opacity)?|stroke(?:-width|-linecap|-linejoin|-miterlimit|-opacity)?|color|offset|stop-color|stop-opacity|gradientUnits|gradientTransform|spreadMethod|xmlns(?::\w+)?|xml:space|role|focusable|(?:aria|data)-[\w-]+)$/

const TOKEN =
  /<\?xml [^<>?]*\?>|<!--(?:[^-]|-(?!-))*-->|<\/[\w:.-]+\s*>|<([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*\/?>|[^<]+/y
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"[^"]*"|'[^']*')/g

/** How many elements a tame SVG has; undefined for one that isn't. */
function countTameShapes(svg: Uint8Array): number | undefined {
  if (svg.length > TAME_BYTES) return undefined
  const text = Buffer.from(svg)
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
  let count = 0
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
    const token = TOKEN.exec(text)
    // A document type with entities, a style sheet, anything that isn't well formed.
    if (token === null) return undefined
    const [, name, attributes = ''] = token
    if (name === undefined) continue
    if (!TAME_ELEMENTS.has(name)) return undefined
    for (const [, attribute = ''] of attributes.matchAll(ATTRIBUTE)) {
      if (!TAME_ATTRIBUTES.test(attribute)) return undefined
    }
    count++
  }
  return count
}
