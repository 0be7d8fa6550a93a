import type { FailOn } from '../../image/types.js'
import { ImgprocError } from '../../errors.js'
import { numberOf, numbersOf } from '../../metadata/tiff-tags.js'
import { decompress, reverseBits } from './decompress.js'
import { createTiffError, createUnsupportedError } from './errors.js'
import { COMPRESSION, type TiffLayout } from './layout.js'
import { removePredictor } from './predictor.js'
import type { WorkClock } from './work-clock.js'

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

/** A strip or tile as stored. */
interface StoredBlock extends Omit<Block, 'bytes'> {
  readonly index: number
  readonly offset: number | undefined
  readonly count: number | undefined
  /** Samples of a pixel, or of a group of pixels that share chroma. */
  readonly stride: number
  /** Bytes that the rows of the picture take. */
  readonly length: number
  /** Bytes of a block with all its rows. */
  readonly limit: number
}

/**
 * Decompresses strips or tiles in the order of the file. Throws CORRUPT_IMAGE if one is damaged, unless failOn is none:
 * then the missing part is 0.
 */
export async function* readBlocks(
  file: Uint8Array,
  layout: TiffLayout,
  options: BlockOptions,
): AsyncGenerator<Block> {
  const { tags, compression, bits = 8 } = layout
  const hasPredictor = compression !== COMPRESSION.none && compression !== COMPRESSION.packBits
  const predictor = hasPredictor ? (numberOf(tags, 317) ?? 1) : 1
  for (const stored of listBlocks(layout, options)) {
    const { rowBytes, plane, left, top, rows, stride, length } = stored
    const unpacked = await unpackBlock(file, layout, stored, options.failOn)
    // No Buffer, whose slice() does not copy: the source would be changed.
    const whole =
      unpacked.length < length
        ? new Uint8Array(length)
        : new Uint8Array(unpacked.buffer, unpacked.byteOffset, length)
    if (unpacked.length < length) whole.set(unpacked)
    const { littleEndian } = tags
    const bytes = removePredictor(whole, predictor, { rowBytes, bits, stride, littleEndian })
    if (bytes === undefined) throw createUnsupportedError(`predictor ${predictor} on ${bits}-bit samples`)
    yield { bytes, rowBytes, plane, left, top, rows }
  }
}

/**
 * Decompresses all blocks to find damage that libtiff does not report: it reads no checksum, and stops at the last row.
 * Returns false if a block holds more than its rows, as padded ones do. Throws CORRUPT_IMAGE.
 */
export async function checkBlocks(
  file: Uint8Array,
  layout: TiffLayout,
  { failOn, clock }: { readonly failOn: FailOn; readonly clock: WorkClock },
): Promise<boolean> {
  let isExact = true
  for (const stored of listBlocks(layout, { subsampling: [1, 1], isNeeded: () => true })) {
    const unpacked = await unpackBlock(file, layout, stored, failOn)
    isExact &&= unpacked.length <= stored.length
    await clock.pause()
  }
  return isExact
}

function* listBlocks(
  layout: TiffLayout,
  { subsampling, isNeeded }: Pick<BlockOptions, 'subsampling' | 'isNeeded'>,
): Generator<StoredBlock> {
  const { width, height, blockWidth, blockHeight, isPlanar, isTiled, channels, bits = 8 } = layout
  const [stepX, stepY] = subsampling
  const isSubsampled = stepX * stepY > 1
  const stride = isPlanar ? 1 : isSubsampled ? stepX * stepY + 2 : channels
  const rowBytes = Math.ceil((Math.ceil(blockWidth / stepX) * stride * bits) / 8)
  // The last block may hold as many rows as the others.
  const storedRows = isTiled ? blockHeight : Math.min(blockHeight, height)
  const limit = Math.min(MAX_BLOCK_BYTES, rowBytes * Math.ceil(storedRows / stepY))
  const across = Math.ceil(width / blockWidth)
  const down = Math.ceil(height / blockHeight)
  const offsets = numbersOf(layout.tags, isTiled ? 324 : 273)
  const counts = numbersOf(layout.tags, isTiled ? 325 : 279)
  for (let plane = 0; plane < (isPlanar ? channels : 1); plane++) {
    if (isPlanar && !isNeeded(plane)) continue
    for (let block = 0; block < across * down; block++) {
      const index = plane * across * down + block
      const top = Math.floor(block / across) * blockHeight
      const rows = Math.min(blockHeight, height - top)
      yield {
        index,
        offset: offsets[index],
        count: counts[index],
        stride,
        rowBytes,
        length: rowBytes * Math.ceil(rows / stepY),
        limit,
        plane: isPlanar ? plane : undefined,
        left: (block % across) * blockWidth,
        top,
        rows,
      }
    }
  }
}

/** Returns the decompressed bytes of a block: fewer than its length only if failOn is none. */
async function unpackBlock(
  file: Uint8Array,
  layout: TiffLayout,
  { index, offset, count, length, limit }: StoredBlock,
  failOn: FailOn,
): Promise<Uint8Array> {
  const { compression, tags, isTiled } = layout
  if (length > MAX_BLOCK_BYTES) {
    throw createTiffError(
      'TOO_MANY_PIXELS',
      `A ${isTiled ? 'tile' : 'strip'} of the TIFF takes ${length} bytes, more than ${MAX_BLOCK_BYTES}.`,
    )
  }
  // GDAL leaves out tiles that hold nothing but 0.
  if (isTiled && count === 0) return new Uint8Array(length)
  const end = (offset ?? Infinity) + (count ?? (compression === COMPRESSION.none ? length : Infinity))
  const isInside = offset !== undefined && (count === undefined ? offset < file.length : end <= file.length)
  if (!isInside && failOn !== 'none') throw createDamagedError(layout, index, 'lies outside the file')
  const stored = file.subarray(offset ?? 0, offset === undefined ? 0 : end)
  const inOrder = numberOf(tags, 266) === 2 ? reverseBits(stored) : stored
  const unpacked = await decompress(inOrder, compression, { length, limit }).catch((error: unknown) => {
    if (error instanceof ImgprocError) throw error
    if (failOn === 'none') return new Uint8Array(0)
    throw createDamagedError(layout, index, 'cannot be decompressed', error)
  })
  if (unpacked.length < length && failOn !== 'none') throw createDamagedError(layout, index, 'is cut off')
  return unpacked
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
