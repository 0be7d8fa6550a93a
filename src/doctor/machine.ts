import { createRequire } from 'node:module'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { FORMATS } from '../image/formats.js'
import type { Check } from './location.js'
import type { FormatType } from '../operations/settings/format.js'
import { loadSharp, sharp } from '../sharp.js'
import { packageVersion, versions } from '../manifest/tool-versions.js'

/** What only the process knows. */
export interface Machine {
  /** Node's version. */
  readonly node: string
  /** Threads of libuv's pool, which sharp works in. */
  readonly poolThreads: number
  /** Bytes that the process may have, where it is limited. */
  readonly memoryLimit?: number | undefined
  /** What the environment says instead of the config's `concurrency`. */
  readonly concurrency?: number | undefined
  /** What AWS_PROFILE says. */
  readonly awsProfile?: string | undefined
}

/**
 * Looks at versions, formats, threads and memory.
 *
 * @param images that are to be made at once.
 */
export async function checkMachine(machine: Machine, images: number): Promise<Check[]> {
  const lacking = tellUnlessLoaded()
  const threads = lacking === undefined ? `, ${loadSharp().concurrency()} of libvips for each` : ''
  return [
    ...describeVersions(machine, lacking),
    ...(lacking === undefined ? await checkFormats() : []),
    ...checkThreads(machine, images, threads),
    ...describeMemory(machine),
  ]
}

/** Why sharp can't be loaded here, if it can't. */
function tellUnlessLoaded(): string | undefined {
  try {
    loadSharp()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function describeVersions({ node }: Machine, lacking: string | undefined): Check[] {
  const about = 'versions'
  const tell = (name: string, found: string): Check => ({ about, name, mark: 'ok', found })
  const own = [tell('imgproc', packageVersion()), tell('Node.js', node)]
  if (lacking !== undefined) return [...own, { about, name: 'sharp', mark: 'missing', found: lacking }]
  const { sharp: ofSharp, libvips } = versions()
  return [...own, tell('sharp', ofSharp), tell('libvips', libvips)]
}

/** Makes and reads a picture of each format. */
async function checkFormats(): Promise<Check[]> {
  const about = 'formats'
  const types = Object.keys(FORMATS) as FormatType[] // its keys are these
  const works = await Promise.all(types.map(worksHere))
  const written = types.filter((_, index) => works[index] === true)
  const read = [...written, ...(loadSharp().format.svg.input.buffer ? ['svg'] : [])]
  const lacking = [...types, 'svg'].filter((name) => !read.includes(name))
  const advice = "this libvips was built without it: use the one that comes with sharp's npm package"
  return [
    { about, name: 'read', mark: 'ok', found: read.join(', ') },
    { about, name: 'written', mark: 'ok', found: written.join(', ') },
    checkHeic(about),
    ...lacking.map((name): Check => ({ about, name, mark: 'missing', found: advice })),
  ]
}

async function worksHere(type: FormatType): Promise<boolean> {
  const create = { width: 16, height: 16, channels: 3, background: 'teal' } as const
  try {
    await sharp(await sharp({ create }).toFormat(type).toBuffer()).stats()
    return true
  } catch {
    return false
  }
}

function checkHeic(about: string): Check {
  const name = 'heic'
  try {
    createRequire(import.meta.url).resolve('heic-decode')
    return { about, name, mark: 'ok', found: 'read, by heic-decode' }
  } catch {
    return { about, name, mark: 'missing', found: "photos of iPhones can't be read: npm install heic-decode" }
  }
}

function checkThreads({ poolThreads }: Machine, images: number, threads: string): Check[] {
  const about = 'threads'
  const enough = poolThreads >= images
  const advice = `${poolThreads} for ${images} images at once: set UV_THREADPOOL_SIZE to ${images + 2}, or concurrency to ${poolThreads}`
  return [
    { about, name: 'cores', mark: 'ok', found: String(availableParallelism()) },
    { about, name: 'images at once', mark: 'ok', found: `${images}${threads}` },
    { about, name: 'pool', mark: enough ? 'ok' : 'missing', found: enough ? String(poolThreads) : advice },
  ]
}

function describeMemory({ memoryLimit }: Machine): Check[] {
  const about = 'memory'
  const all = `${formatSize(totalmem())}, ${formatSize(freemem())} of it free`
  const checks: Check[] = [{ about, name: 'machine', mark: 'ok', found: all }]
  if (memoryLimit === undefined) return checks
  return [
    ...checks,
    { about, name: 'limit', mark: 'ok', found: `${formatSize(memoryLimit)} for this process` },
  ]
}

function formatSize(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
