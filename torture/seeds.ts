import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import sharp, { type Sharp } from 'sharp'

/** A sound file that damage starts from. */
export interface Seed {
  /** Safe as a file name. */
  readonly name: string
  readonly extension: string
  readonly bytes: Buffer
}

/** Large enough for several blocks, tiles and strips, small enough for thousands of files. */
const [WIDTH, HEIGHT] = [52, 36]

/** Ways to encode the small picture. The name tells the options. */
const ENCODINGS: Readonly<Record<string, (image: Sharp) => Sharp>> = {
  'baseline.jpg': (image) => image.jpeg(),
  'progressive.jpg': (image) => image.jpeg({ progressive: true }),
  'full-chroma.jpg': (image) => image.jpeg({ chromaSubsampling: '4:4:4', optimiseCoding: false }),
  'grey.jpg': (image) => image.grayscale().jpeg(),
  'exif.jpg': (image) => image.withExif({ IFD0: { Artist: 'Ann', Copyright: 'Ann' } }).jpeg(),
  'profile.jpg': (image) => image.withIccProfile('p3').jpeg(),
  'rgb.png': (image) => image.png(),
  'interlaced.png': (image) => image.png({ progressive: true }),
  'palette.png': (image) => image.png({ palette: true, colours: 16 }),
  'alpha.png': (image) => image.ensureAlpha(0.5).png(),
  'deep.png': (image) => image.toColourspace('rgb16').png(),
  'grey.png': (image) => image.toColourspace('b-w').png(),
  'lossy.webp': (image) => image.webp(),
  'lossless.webp': (image) => image.webp({ lossless: true }),
  'alpha.webp': (image) => image.ensureAlpha(0.5).webp(),
  'still.gif': (image) => image.gif(),
  'rgb.avif': (image) => image.avif({ effort: 0 }),
  'alpha.avif': (image) => image.ensureAlpha(0.5).avif({ effort: 0 }),
  'deep.avif': (image) => image.avif({ effort: 0, bitdepth: 10 }),
  'plain.tif': (image) => image.tiff({ compression: 'none' }),
  'lzw.tif': (image) => image.tiff({ compression: 'lzw', predictor: 'horizontal' }),
  'tiled.tif': (image) => image.tiff({ compression: 'deflate', tile: true, tileWidth: 16, tileHeight: 16 }),
  'jpeg.tif': (image) => image.tiff({ compression: 'jpeg', quality: 80 }),
  'bits.tif': (image) => image.toColourspace('b-w').tiff({ compression: 'ccittfax4', bitdepth: 1 }),
  'packbits.tif': (image) => image.toColourspace('rgb16').tiff({ compression: 'packbits' }),
}

/** Animations, encoded from three frames of different colours. */
const ANIMATIONS: Readonly<Record<string, (image: Sharp) => Sharp>> = {
  'frames.gif': (image) => image.gif({ delay: [100, 200, 300] }),
  'frames.webp': (image) => image.webp({ delay: [100, 200, 300] }),
}

/**
 * Reads the seeds: a small picture in every encoding, and all files of the folders.
 *
 * @param photo file that the small picture is made from.
 */
export async function makeSeeds(photo: string, folders: readonly string[]): Promise<readonly Seed[]> {
  const small = await sharp(photo).resize(WIDTH, HEIGHT, { fit: 'cover' }).png().toBuffer()
  const stills = Object.entries(ENCODINGS).map(([name, encode]) => toSeed(name, encode(sharp(small))))
  const frames = await Promise.all(
    ['red', 'lime', 'blue'].map((colour) => sharp(small).tint(colour).png().toBuffer()),
  )
  const animations = Object.entries(ANIMATIONS).map(([name, encode]) =>
    toSeed(name, encode(sharp(frames, { join: { animated: true } }))),
  )
  const files = (await Promise.all(folders.map(listFiles))).flat()
  return [...(await Promise.all([...stills, ...animations])), ...(await Promise.all(files.map(readSeed)))]
}

async function toSeed(name: string, image: Sharp): Promise<Seed> {
  const extension = extname(name)
  return {
    name: name.slice(0, -extension.length),
    extension: extension.slice(1),
    bytes: await image.toBuffer(),
  }
}

/** A folder of seeds may hold other files, such as a README. */
const IMAGE = /\.(?:jpe?g|a?png|webp|gif|avif|heic|tiff?|svg|bmp|ico|cur|p[abgnp]m|qoi)$/i

async function listFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && IMAGE.test(entry.name))
  return files.map((entry) => join(entry.parentPath, entry.name)).toSorted()
}

async function readSeed(path: string): Promise<Seed> {
  const extension = extname(path)
  const name = path.slice(path.lastIndexOf('/') + 1, -extension.length)
  return {
    name: name.replace(/[^\w-]/g, '_'),
    extension: extension.slice(1).toLowerCase(),
    bytes: await readFile(path),
  }
}
