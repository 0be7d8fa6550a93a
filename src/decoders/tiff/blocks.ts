import type { FailOn } from '../../image/types.js'
import { ImgprocError } from '../../errors.js'
import { numberOf, numbersOf } from '../../metadata/tiff-tags.js'
import { decompress, reverseBits } from './decompress.js'
import { createTiffError, createUnsupportedError } from './errors.js'
import { COMPRESSION, type TiffLayout } from './layout.js'
import { removePredictor } from './predictor.js'

/** A decompressed strip or tile. */
export interface Block {
  readonly bytes: Uint8Array
  readonly rowBytes: number
  /** Channel that the block holds; undefined if it holds all. */
  readonly plane: number | undefined
  readonly left: number
  readonly top: number
  /** Rows of the picture in the block. */
  readonly rows: number
}

/** Horizontal and vertical subsampling of chroma in blocks of all channels; 1 for none. */
export type Subsampling = readonly [across: number, down: number]

export interface BlockOptions {
  readonly subsampling: Subsampling
  readonly failOn: FailOn
  /** Returns true if a channel is needed. Blocks of other channels are skipped. */
  readonly isNeeded: (channel: number) => boolean
}

/** Longer blocks are not held in memory. */
const MAX_BLOCK_BYTES = 2 ** 30

/**
 * Decompresses strips or tiles in the order of the file. Throws CORRUPT_IMAGE if one is damaged, unless failOn is none:
 * then the missing part is 0.
 */
export async function* readBlocks(
  file: Uint8Array,
  layout: TiffLayout,
  options: BlockOptions,
): AsyncGenerator<Block> {
  const { width, height, blockWidth, blockHeight, isPlanar, channels } = layout
  const across = Math.ceil(width / blockWidth)
  const down = Math.ceil(height / blockHeight)
  const offsets = numbersOf(layout.tags, layout.isTiled ? 324 : 273)
  const counts = numbersOf(layout.tags, layout.isTiled ? 325 : 279)
  for (let plane = 0; plane < (isPlanar ? channels : 1); plane++) {
    if (isPlanar && !options.isNeeded(plane)) continue
    for (let block = 0; block < across * down; block++) {
      const index = plane * across * down + block
      const top = Math.floor(block / across) * blockHeight
      const rows = Math.min(blockHeight, height - top)
      const position = { index, offset: offsets[index], count: counts[index] }
      const { bytes, rowBytes } = await readBlock(file, layout, position, rows, options)
      const left = (block % across) * blockWidth
      yield { bytes, rowBytes, plane: isPlanar ? plane : undefined, left, top, rows }
    }
  }
}

interface Position {
  readonly index: number
  readonly offset: number | undefined
  readonly count: number | undefined
}

async function readBlock(
  file: Uint8Array,
  layout: TiffLayout,
  { index, offset, count }: Position,
  rows: number,
  { subsampling, failOn }: BlockOptions,
): Promise<{ bytes: Uint8Array; rowBytes: number }> {
  const { compression, bits = 8, isPlanar, blockWidth, tags, isTiled } = layout
  const [stepX, stepY] = subsampling
  const isSubsampled = stepX * stepY > 1
  const stride = isPlanar ? 1 : isSubsampled ? stepX * stepY + 2 : layout.channels
  const rowBytes = Math.ceil((Math.ceil(blockWidth / stepX) * stride * bits) / 8)
  const length = rowBytes * Math.ceil(rows / stepY)
  if (length > MAX_BLOCK_BYTES) {
    throw createTiffError(
      'TOO_MANY_PIXELS',
      `A ${isTiled ? 'tile' : 'strip'} of the TIFF takes ${length} bytes, more than ${MAX_BLOCK_BYTES}.`,
    )
  }
  // GDAL leaves out tiles that hold nothing but 0.
  if (isTiled && count === 0) return { bytes: new Uint8Array(length), rowBytes }
  const end = (offset ?? Infinity) + (count ?? (compression === COMPRESSION.none ? length : Infinity))
  const isInside = offset !== undefined && (count === undefined ? offset < file.length : end <= file.length)
  if (!isInside && failOn !== 'none') throw createDamagedError(layout, index, 'lies outside the file')
  const stored = file.subarray(offset ?? 0, offset === undefined ? 0 : end)
  const inOrder = numberOf(tags, 266) === 2 ? reverseBits(stored) : stored
  // The last block may hold as many rows as the others.
  const storedRows = isTiled ? layout.blockHeight : Math.min(layout.blockHeight, layout.height)
  const limit = Math.min(MAX_BLOCK_BYTES, rowBytes * Math.ceil(storedRows / stepY))
  const unpacked = await decompress(inOrder, compression, { length, limit }).catch((error: unknown) => {
    if (error instanceof ImgprocError) throw error
    if (failOn === 'none') return new Uint8Array(0)
    throw createDamagedError(layout, index, 'cannot be decompressed', error)
  })
  if (unpacked.length < length && failOn !== 'none') throw createDamagedError(layout, index, 'is cut off')
  // No Buffer, whose slice() does not copy: the source would be changed.
  const whole =
    unpacked.length < length
      ? new Uint8Array(length)
      : new Uint8Array(unpacked.buffer, unpacked.byteOffset, length)
  if (unpacked.length < length) whole.set(unpacked)
  const predictor =
    compression === COMPRESSION.none || compression === COMPRESSION.packBits ? 1 : (numberOf(tags, 317) ?? 1)
  const { littleEndian } = tags
  const bytes = removePredictor(whole, predictor, { rowBytes, bits, stride, littleEndian })
  if (bytes === undefined) throw createUnsupportedError(`predictor ${predictor} on ${bits}-bit samples`)
  return { bytes, rowBytes }
}

function createDamagedError(
  { isTiled }: TiffLayout,
  index: number,
  what: string,
  cause?: unknown,
): ImgprocError {
  return createTiffError(
    'CORRUPT_IMAGE',
    `The image is damaged: ${isTiled ? 'tile' : 'strip'} ${index + 1} ${what}. Replace the file. failOn none (--fail-on none) decodes the part that is left.`,
    cause,
  )
}
