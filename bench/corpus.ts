import { createHash } from 'node:crypto'
import { copyFile, link, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename, extname, join } from 'node:path'
import pLimit from 'p-limit'
import sharp from 'sharp'
import { ADOBE_RGB, makeRgbProfile } from '../test/support/profiles.js'
import { drawPicture } from './draw-picture.js'
import { addPreview } from './exif-preview.js'

/** Version of the generated images, and part of the cache folder's name. Raise it when they change. */
const VERSION = 4
/** Megapixels of the generated images. */
const MEGAPIXELS = [12, 2, 8, 3, 12, 5, 10, 4, 12, 6, 8, 10]
const QUICK_MEGAPIXELS = [3, 0.3]
const ASPECTS = [4 / 3, 3 / 2, 3 / 4, 4 / 3]
/** JPEG quality of the images, as cameras use. */
const QUALITY = 92
/** Fewest megapixels of real photos. The workload of small images covers smaller ones. */
const LEAST_MEGAPIXELS = 2
/** Megapixels from which a photo counts as one of 12. */
const LARGE_MEGAPIXELS = 11.5

/** Metadata of small thumbnails, which tools have to read or to skip. */
const CAMERA = { Make: 'imgproc', Model: 'bench', DateTime: '2026:01:02 03:04:05', Copyright: 'CC0' }
/** Adobe RGB (1998), 4.3.1.2. */
const ADOBE_GAMMA = 563 / 256

/** Make an image of each kind from a photo. A kind is a folder of at most a dozen files. */
const MAKERS = {
  baseline: (photo, target) => copyFile(photo, target),
  progressive: (photo, target) =>
    sharp(photo).keepMetadata().jpeg({ quality: QUALITY, progressive: true }).toFile(target),
  small: (photo, target) =>
    sharp(photo).autoOrient().resize(640, 480).jpeg({ quality: QUALITY }).toFile(target),
  tiny: (photo, target) => sharp(photo).autoOrient().resize(160, 120).jpeg().toFile(target),
  alpha: (photo, target) => makeTransparent(photo, target.replace(/\.\w+$/, '.png')),
  interlaced: (photo, target) =>
    sharp(photo)
      .png({ progressive: true, compressionLevel: 3 })
      .toFile(target.replace(/\.\w+$/, '.png')),
  preview: async (photo, target) => writeFile(target, await addPreview(photo)),
  thumbs: (photo, target) =>
    sharp(photo).autoOrient().resize(100, 68).withExif({ IFD0: CAMERA }).jpeg().toFile(target),
  p3: (photo, target) => sharp(photo).withIccProfile('p3').jpeg({ quality: QUALITY }).toFile(target),
  adobe: async (photo, target) => {
    const profile = `${target}.icc`
    await writeFile(profile, makeRgbProfile(ADOBE_RGB, ADOBE_GAMMA).icc)
    await sharp(photo).withIccProfile(profile).jpeg({ quality: QUALITY }).toFile(target)
    await rm(profile)
  },
  // Of one component: sharp would write three otherwise.
  grey: (photo, target) =>
    sharp(photo).grayscale().toColourspace('b-w').jpeg({ quality: QUALITY }).toFile(target),
} satisfies Record<string, (photo: string, target: string) => Promise<unknown>>

/** Kinds that need the most memory to decode, in turn. `heic` is empty unless `--photos` has some. */
const MIX = ['progressive', 'interlaced', 'heic', 'baseline'] as const

/** Kind of the images in a set. */
export type Kind = keyof typeof MAKERS | 'large' | 'heic' | 'mixed'

/** Images in a folder of their own. They are hard links to at most a dozen masters. */
export interface PhotoSet {
  readonly folder: string
  readonly files: readonly string[]
}

/** The images of all workloads. */
export interface Corpus {
  /** Description for the table. */
  readonly name: string
  /** Returns a set of `count` images of a kind. @default each master once */
  take(kind: Kind, count?: number): Promise<PhotoSet>
}

interface CorpusOptions {
  /** Folder where images are kept from run to run. */
  readonly work: string
  /** Folder of real photos, instead of generated images. */
  readonly photos?: string | undefined
  readonly quick: boolean
}

/** Creates a corpus. Images are made when they are first requested. */
export async function createCorpus({ work, photos, quick }: CorpusOptions): Promise<Corpus> {
  const found = photos === undefined ? [] : await findPhotos(photos)
  if (photos !== undefined && found.length === 0)
    throw new Error(
      `${photos} has no undamaged JPEG of ${LEAST_MEGAPIXELS} megapixels or more. Name a folder that has one.`,
    )
  const key = photos === undefined ? (quick ? 'quick' : 'drawn') : await hashOf(found)
  const home = join(work, `corpus-${VERSION}-${key}`)
  const drawn = () =>
    once(join(home, 'drawn'), (folder) => drawAll(folder, quick ? QUICK_MEGAPIXELS : MEGAPIXELS))

  async function masters(kind: Kind): Promise<string[]> {
    const sources = photos === undefined ? await drawn() : found
    if (kind === 'mixed') return (await Promise.all(MIX.map(masters))).flat()
    if (kind === 'large') return quick ? sources.slice(0, 1) : filterLarge(sources)
    if (kind === 'heic') return once(join(home, kind), (folder) => copyHeic(photos, folder))
    return once(join(home, kind), async (folder) => {
      const limit = pLimit(availableParallelism())
      await limit.map(sources, async (photo): Promise<unknown> =>
        MAKERS[kind](photo, join(folder, `${nameOf(photo)}.jpg`)),
      )
    })
  }

  return {
    name: photos === undefined ? 'generated images' : 'real photos',
    async take(kind, count) {
      const from = await masters(kind)
      return linkSet(join(home, 'sets', `${kind}-${count ?? 'each'}`), from, count ?? from.length)
    },
  }
}

/** Returns the files in a folder. If it does not exist, `make` fills it first, under a temporary name. */
async function once(folder: string, make: (folder: string) => Promise<void>): Promise<string[]> {
  if (!(await exists(folder))) {
    const draft = `${folder}.${process.pid}.tmp`
    await mkdir(draft, { recursive: true })
    await make(draft)
    await rename(draft, folder)
  }
  return (await readdir(folder)).toSorted().map((name) => join(folder, name))
}

async function linkSet(folder: string, masters: readonly string[], count: number): Promise<PhotoSet> {
  const files = await once(folder, async (draft) => {
    for (let index = 0; index < count; index++) {
      const master = masters[index % masters.length] ?? ''
      await link(master, join(draft, `${String(index).padStart(5, '0')}-${basename(master)}`))
    }
  })
  return { folder, files }
}

async function drawAll(folder: string, megapixels: readonly number[]): Promise<void> {
  for (const [seed, area] of megapixels.entries()) {
    const jpeg = await drawPhoto(area, ASPECTS[seed % ASPECTS.length] ?? 1, seed)
    await writeFile(join(folder, `${String(seed).padStart(2, '0')}-${area}mp.jpg`), jpeg)
  }
}

/** Generates a JPEG of 2 to 3 bits per pixel, as a camera makes. */
export async function drawPhoto(megapixels: number, aspect: number, seed: number): Promise<Buffer> {
  // Whole blocks, as sensors have.
  const width = Math.round(Math.sqrt(megapixels * 1e6 * aspect) / 16) * 16
  const height = Math.round(width / aspect / 8) * 8
  const { data } = drawPicture(width, height, seed)
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: QUALITY })
    .toBuffer()
}

/** Cuts an ellipse with soft edges out of a photo, like a product image of a shop. */
async function makeTransparent(photo: string, target: string): Promise<void> {
  const mask = `<svg width="1200" height="900"><radialGradient id="g"><stop offset="0.9"/>
    <stop offset="1" stop-opacity="0"/></radialGradient><ellipse cx="600" cy="450" rx="560" ry="420" fill="url(#g)"/></svg>`
  await sharp(photo)
    .autoOrient()
    .resize(1200, 900)
    .composite([{ input: Buffer.from(mask), blend: 'dest-in' }])
    .png()
    .toFile(target)
}

/** Finds the JPEGs below a folder that are large enough and decode without a warning. */
async function findPhotos(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  const photos: string[] = []
  for (const name of names.filter((each) => /\.jpe?g$/i.test(each)).toSorted()) {
    const path = join(folder, name)
    const whole = await sharp(path, { failOn: 'warning' })
      .stats()
      .catch(() => undefined)
    if (whole !== undefined && (await megapixelsOf(path)) >= LEAST_MEGAPIXELS) photos.push(path)
  }
  return photos
}

/** Returns the photos of 12 megapixels, or the largest if there are none. */
async function filterLarge(photos: readonly string[]): Promise<string[]> {
  const sizes = await Promise.all(photos.map(megapixelsOf))
  const least = Math.min(LARGE_MEGAPIXELS, Math.max(...sizes))
  return photos.filter((_, index) => (sizes[index] ?? 0) >= least)
}

/** Copies HEICs of the real photos. sharp cannot write HEIC, so generated images have none. */
async function copyHeic(photos: string | undefined, folder: string): Promise<void> {
  const names = photos === undefined ? [] : await readdir(photos, { recursive: true })
  for (const name of names.filter((each) => /\.hei[cf]$/i.test(each)))
    await copyFile(join(photos ?? '', name), join(folder, basename(name)))
}

async function megapixelsOf(path: string): Promise<number> {
  const { width, height } = await sharp(path).metadata()
  return (width * height) / 1e6
}

async function hashOf(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(`${basename(path)} ${(await stat(path)).size}\n`)
  return hash.digest('hex').slice(0, 8)
}

function nameOf(path: string): string {
  return basename(path, extname(path))
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
