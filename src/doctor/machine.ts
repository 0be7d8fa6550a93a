import { createRequire } from 'node:module'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { decodesSequences } from '../image/avif-sequence.js'
import { FORMATS } from '../image/output-formats.js'
import type { Check } from './location.js'
import type { FormatType } from '../operations/settings/format.js'
import { loadSharp, sharp } from '../sharp.js'
import { packageVersion, versions } from '../manifest/tool-versions.js'
import { explainUnverifiedLibraries } from '../render/passes/verified-libraries.js'

/** Facts about the process and its environment. */
export interface Machine {
  /** Version of Node.js. */
  readonly node: string
  /** Size of libuv's thread pool, in which sharp works. */
  readonly poolThreads: number
  /** Memory limit of the process in bytes, such as that of a container; undefined without one. */
  readonly memoryLimit?: number | undefined
  /** Value of IMGPROC_CONCURRENCY, which overrides the config's `concurrency`. */
  readonly concurrency?: number | undefined
  /** Value of AWS_PROFILE. */
  readonly awsProfile?: string | undefined
}

/**
 * Checks versions, formats, threads and memory.
 *
 * @param images Images processed at once.
 */
export async function checkMachine(machine: Machine, images: number): Promise<Check[]> {
  const sharpError = getSharpError()
  const threads = sharpError === undefined ? `, libvips threads for each: ${loadSharp().concurrency()}` : ''
  return [
    ...describeVersions(machine, sharpError),
    ...(sharpError === undefined ? await checkFormats() : []),
    ...checkThreads(machine, images, threads),
    ...describeMemory(machine),
  ]
}

/** Returns the message of the error that loading sharp throws; undefined if it loads. */
function getSharpError(): string | undefined {
  try {
    loadSharp()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function describeVersions({ node }: Machine, sharpError: string | undefined): Check[] {
  const about = 'versions'
  const describe = (name: string, found: string): Check => ({ about, name, mark: 'ok', found })
  const own = [describe('imgproc', packageVersion()), describe('Node.js', node)]
  if (sharpError !== undefined) return [...own, { about, name: 'sharp', mark: 'missing', found: sharpError }]
  const { sharp: sharpVersion, libvips } = versions()
  return [
    ...own,
    describe('sharp', sharpVersion),
    describe('libvips', libvips),
    describe('fast JPEG path', explainUnverifiedLibraries() ?? 'on'),
  ]
}

/** Formats that decoders of this package read, whatever sharp can. */
const OWN_FORMATS = ['bmp', 'ico', 'cur', 'pnm', 'qoi']

/** Encodes and decodes an image in each format. */
async function checkFormats(): Promise<Check[]> {
  const about = 'formats'
  const types = (Object.keys(FORMATS) as FormatType[]).filter((type) => !Object.hasOwn(PACKAGES, type)) // its keys are these
  const results = await Promise.all(types.map(canEncodeAndDecode))
  const written = types.filter((_, index) => results[index] === true)
  const read = [...written, ...(loadSharp().format.svg.input.buffer ? ['svg'] : [])]
  const missing = [...types, 'svg'].filter((name) => !read.includes(name))
  const advice = "this libvips was built without it: use the one that comes with sharp's npm package"
  return [
    { about, name: 'read', mark: 'ok', found: [...read, ...OWN_FORMATS].join(', ') },
    { about, name: 'written', mark: 'ok', found: written.join(', ') },
    await checkAnimatedAvif(about),
    checkPackage(about, 'heic'),
    checkPackage(about, 'jxl'),
    ...missing.map((name): Check => ({ about, name, mark: 'missing', found: advice })),
  ]
}

async function canEncodeAndDecode(type: FormatType): Promise<boolean> {
  const create = { width: 16, height: 16, channels: 3, background: 'teal' } as const
  try {
    await sharp(await sharp({ create }).toFormat(type).toBuffer()).stats()
    return true
  } catch {
    return false
  }
}

/** Formats whose codec is a package that may be missing. */
const PACKAGES = {
  heic: { package: 'heic-decode', found: 'read', missing: 'iPhone photos cannot be read' },
  jxl: {
    package: 'wasm-vips',
    found: 'read and written',
    missing: 'JPEG XL can be neither read nor written',
  },
} as const

function checkPackage(about: string, name: keyof typeof PACKAGES): Check {
  const { package: codec, found, missing } = PACKAGES[name]
  try {
    createRequire(import.meta.url).resolve(codec)
    return { about, name, mark: 'ok', found: `${found}, by ${codec}` }
  } catch {
    return { about, name, mark: 'missing', found: `${missing}: npm install ${codec}` }
  }
}

async function checkAnimatedAvif(about: string): Promise<Check> {
  const name = 'avif frames'
  if (await decodesSequences()) return { about, name, mark: 'ok', found: 'all are read' }
  const found =
    "of an animation only the first is read by this libvips: use the one that comes with sharp's npm package"
  return { about, name, mark: 'missing', found }
}

function checkThreads({ poolThreads }: Machine, images: number, threads: string): Check[] {
  const about = 'threads'
  const isEnough = poolThreads >= images
  const advice = `${poolThreads} for ${images} images at once: set UV_THREADPOOL_SIZE to ${images + 2}, or concurrency to ${poolThreads}`
  return [
    { about, name: 'cores', mark: 'ok', found: String(availableParallelism()) },
    { about, name: 'images at once', mark: 'ok', found: `${images}${threads}` },
    {
      about,
      name: 'pool',
      mark: isEnough ? 'ok' : 'missing',
      found: isEnough ? String(poolThreads) : advice,
    },
  ]
}

function describeMemory({ memoryLimit }: Machine): Check[] {
  const about = 'memory'
  const total = `${formatGigabytes(totalmem())}, ${formatGigabytes(freemem())} free`
  const checks: Check[] = [{ about, name: 'machine', mark: 'ok', found: total }]
  if (memoryLimit === undefined) return checks
  return [
    ...checks,
    { about, name: 'limit', mark: 'ok', found: `${formatGigabytes(memoryLimit)} for this process` },
  ]
}

function formatGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
