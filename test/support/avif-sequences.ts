import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { readBoxes, writeBox, type Box } from '../../src/metadata/iso-boxes.js'

const run = promisify(execFile)

/** A frame to encode: RGBA, and its time in milliseconds. */
export interface NewFrame {
  readonly pixels: Uint8Array
  readonly ms: number
}

/** An animation to encode by avifenc. */
export interface NewSequence {
  readonly width: number
  readonly height: number
  readonly frames: readonly NewFrame[]
  /** Options of avifenc, such as `-y 420`. */
  readonly options?: readonly string[]
}

/** Returns true if avifenc and avifdec are installed (Debian: libavif-bin). */
export async function hasAvifTools(): Promise<boolean> {
  const found = ['avifenc', 'avifdec'].map((tool) =>
    run(tool, ['--version']).then(
      () => true,
      (error: { code?: unknown }) => error.code !== 'ENOENT',
    ),
  )
  return (await Promise.all(found)).every(Boolean)
}

/** Encodes an animation by avifenc. Its frames depend on the first, unless options ask for more key frames. */
export async function encodeSequence({ width, height, frames, options = [] }: NewSequence): Promise<Buffer> {
  return inFolder(async (folder) => {
    const inputs: string[] = []
    for (const [index, { pixels, ms }] of frames.entries()) {
      const path = join(folder, `${index}.png`)
      const channels = pixels.length / width / height === 3 ? 3 : 4
      await writeFile(path, await sharp(pixels, { raw: { width, height, channels } }).png().toBuffer())
      inputs.push('--duration', String(ms), path)
    }
    const file = join(folder, 'moving.avif')
    await run('avifenc', ['-s', '8', '--timescale', '1000', ...options, ...inputs, file])
    return readFile(file)
  })
}

/** Decodes all frames by avifdec, as RGBA. Chroma is not smoothed, as libheif does it. */
export async function decodeByAvifdec(bytes: Uint8Array, count: number): Promise<Buffer[]> {
  return inFolder(async (folder) => {
    const file = join(folder, 'moving.avif')
    await writeFile(file, bytes)
    const frames: Buffer[] = []
    for (let index = 0; index < count; index++) {
      const png = join(folder, `${index}.png`)
      await run('avifdec', ['-u', 'nearest', '-d', '8', '--index', String(index), file, png])
      frames.push(await sharp(png).toColourspace('srgb').ensureAlpha().raw().toBuffer())
    }
    return frames
  })
}

/** Draws frames of a pattern in which a box moves, and alpha moves with it if wanted. */
export function drawFrames(width: number, height: number, count: number, hasAlpha: boolean): NewFrame[] {
  return Array.from({ length: count }, (_, frame) => {
    const pixels = new Uint8Array(width * height * 4)
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = (y * width + x) * 4
        const isBox = x >= frame * 4 && x < frame * 4 + 12 && y > 4 && y < 16
        pixels.set(isBox ? [240, frame * 30, 20] : [x * 3, y * 3, (x + y) % 256], at)
        pixels[at + 3] = hasAlpha ? (isBox ? 255 : (x * 4 + frame * 20) % 256) : 255
      }
    }
    return { pixels, ms: 40 + frame * 30 }
  })
}

/** Returns a sequence that plays so many times; Infinity is endless. Its new movie box stands at the end, so that no offset changes. */
export function setPlays(file: Buffer, plays: number): Buffer {
  const movie = readBoxes(file).find(({ type }) => type === 'moov')!
  const parts = readBoxes(movie.body).map((box) =>
    box.type === 'trak' ? writeBox('trak', ...repeatTrack(readBoxes(box.body), plays)) : box.whole,
  )
  const result = Buffer.concat([file, writeBox('moov', ...parts)])
  result.write('free', movie.start + 4, 'latin1')
  return result
}

/** Adds an edit list that repeats a track. (ISO 23008-12, section 9.6.1) */
function repeatTrack(boxes: readonly Box[], plays: number): Buffer[] {
  return boxes.flatMap(({ type, whole }) => {
    if (type !== 'tkhd') return [whole]
    const header = Buffer.from(whole)
    const isLong = header[8] === 1
    const place = isLong ? 36 : 28
    const once = isLong ? Number(header.readBigUInt64BE(place)) : header.readUInt32BE(place)
    if (plays === Infinity) header.fill(0xff, place, place + (isLong ? 8 : 4))
    else if (isLong) header.writeBigUInt64BE(BigInt(once * plays), place)
    else header.writeUInt32BE(once * plays, place)
    const list = Buffer.alloc(20)
    list[3] = 1
    list.writeUInt32BE(1, 4)
    list.writeUInt32BE(once, 8)
    list.writeUInt16BE(1, 16)
    return [header, writeBox('edts', writeBox('elst', list))]
  })
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'imgproc-avif-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
