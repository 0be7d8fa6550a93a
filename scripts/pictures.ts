import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { parse } from 'yaml'
import { openExif } from '../src/metadata/exif-reader.js'
import { FORMATS } from '../src/image/output-formats.js'
import type { FormatType } from '../src/operations/settings/format.js'
import type { ImageOp } from '../src/operations/image-op.generated.js'
import { operations, parseOps, renameFiles } from '../src/operations/parse-operations.js'
import { transform } from '../src/transform.js'
import { exampleFor } from './doc-examples.js'
import { COMPARED, fileOf, type Facts, type Kept, type Pair, type Shown } from './picture-facts.js'

const FIXTURES = new URL('../fixtures/', import.meta.url)
const LONGEST_SIDE = 240

/** Pictures by their file names, and the facts about them. */
export interface Pictures {
  readonly files: ReadonlyMap<string, Buffer>
  readonly facts: Facts
}

/** Draws every picture of docs/operations.md. */
export async function drawPictures(): Promise<Pictures> {
  const files = new Map<string, Buffer>()
  const pairs: Record<string, Pair> = {}
  for (const op of operations) {
    const { photo, ops, before = ops.slice(0, -1), bytes } = exampleFor(op)
    if (ops.length === 0) continue
    const sides = { before: await make(photo, before), after: await make(photo, ops) }
    const both = [sides.before, sides.after]
    // One scale for both, so that sizes can be compared.
    const scale = Math.min(
      1,
      LONGEST_SIDE / Math.max(...both.flatMap(({ width, height }) => [width, height])),
    )
    for (const side of ['before', 'after'] as const)
      files.set(fileOf(op.name, side), await show(sides[side], scale))
    pairs[op.name] = { before: describe(sides.before, bytes), after: describe(sides.after, bytes) }
  }
  return { files, facts: { pairs, formats: await weighFormats(), kept: await findKept() } }
}

/** Mean difference in levels of 255 up to which two pictures count as the same. Encoders differ by less. */
export const TOLERANCE = 2

/** Returns the mean difference of two pictures in levels of 255; Infinity if size or number of frames differ. */
export async function difference(one: Uint8Array, other: Uint8Array): Promise<number> {
  const [a, b] = await Promise.all([one, other].map((data) => readPixels(data)))
  if (a === undefined || b === undefined || a.length !== b.length) return Infinity
  return a.reduce((sum, value, index) => sum + Math.abs(value - b[index]!), 0) / a.length
}

function readPixels(data: Uint8Array): Promise<Buffer> {
  return sharp(data, { animated: true }).removeAlpha().raw().toBuffer()
}

interface Made extends Shown {
  readonly data: Buffer
  readonly bytes: number
}

/** Applies the command's operations to a photo. Without a format the result is lossless. */
async function make(photo: string, ops: readonly ImageOp[]): Promise<Made> {
  const isAnimation = photo.startsWith('animated')
  const lossless: ImageOp = { format: isAnimation ? 'webp:lossless=true' : 'png' }
  const here = renameFiles(ops, (ref) => fixture(ref))
  const hasFormat = ops.some(({ format }) => format !== undefined)
  const { data, info } = await transform(fixture(`photos/${photo}`), hasFormat ? here : [...here, lossless])
  return { data, width: info.width, height: info.height, bytes: info.bytes }
}

function fixture(path: string): string {
  return fileURLToPath(new URL(encodeURI(path), FIXTURES))
}

/** Checkerboard that marks transparency on light and dark pages. */
const CHECKERBOARD = Buffer.from(
  '<svg width="16" height="16"><rect width="16" height="16" fill="#fff"/>' +
    '<path d="M0 0h8v16h8V8H0z" fill="#ccc"/></svg>',
)

/** Returns a picture as the page shows it: scaled, with transparency on a checkerboard. */
async function show({ data, width, height }: Made, scale: number): Promise<Buffer> {
  const size = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  }
  const small = sharp(data, { animated: true }).resize({ ...size, fit: 'fill' })
  const { hasAlpha, pages = 1 } = await sharp(data).metadata()
  if (!hasAlpha || pages > 1) return small.webp({ quality: 75 }).toBuffer()
  const onSquares = sharp(await small.png().toBuffer()).composite([
    { input: CHECKERBOARD, tile: true, blend: 'dest-over' },
  ])
  return onSquares.removeAlpha().webp({ quality: 75 }).toBuffer()
}

function describe({ width, height, bytes }: Made, tellBytes: boolean | undefined): Shown {
  return { width, height, ...(tellBytes === true && { bytes }) }
}

/** Returns the bytes of one photo in each format, with the encoder's defaults. */
async function weighFormats(): Promise<Record<string, number>> {
  const formats: Record<string, number> = {}
  for (const format of Object.keys(FORMATS) as FormatType[]) {
    // the type of its keys
    formats[format] = (await make(COMPARED.photo, [...COMPARED.ops, { format }])).bytes
  }
  return formats
}

const MAKE = 0x010f
const COPYRIGHT = 0x8298
const LATITUDE = 2

/** Returns what each value of `metadata` keeps of a photo that has all kinds of metadata. */
async function findKept(): Promise<Record<string, Kept>> {
  const op = operations.find(({ name }) => name === 'metadata')! // ImageOp has it
  const { photo, spellings } = exampleFor(op)
  const kept: Record<string, Kept> = {}
  for (const text of spellings) {
    const ops = parseOps(parse(`[{ metadata: ${text} }]`))
    const { data } = await transform(fixture(`photos/${photo}`), [...ops, { format: 'jpeg' }])
    const { icc, exif: block } = await sharp(data).metadata()
    const exif = openExif(block)
    kept[text] = {
      profile: icc !== undefined,
      camera: exif?.image.text(MAKE) !== undefined,
      copyright: exif?.image.text(COPYRIGHT) !== undefined,
      position: (exif?.gps.numbers(LATITUDE).length ?? 0) > 0,
    }
  }
  return kept
}
