import { createRequire } from 'node:module'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { defaultConcurrency } from './default-concurrency.js'
import sharp from 'sharp'
import { loadConfig } from './config/load.js'
import type { Config } from './config/schema.js'
import { FORMATS } from './core/formats.js'
import { schemeOf } from './core/refs.js'
import type { Backend } from './core/types.js'
import { isDataUrl, isHttpUrl, withoutSecrets } from './core/urls.js'
import { type Check, checkRights, listFirst, readPlace, tryOut } from './doctor-place.js'
import { checkBucket } from './doctor-s3.js'
import { ImgprocError } from './errors.js'
import type { FormatType } from './ops/format.js'
import { createStores } from './stores/by-scheme.js'
import { loadStores } from './stores/load.js'
import type { S3Options } from './stores/s3-options.js'
import { parseRef } from './stores/s3-ref.js'
import { versions } from './version.js'

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

export interface DoctorOptions {
  readonly machine: Machine
  /** The folder that the config is looked for from. */
  readonly cwd: string
  /** The config file, instead of the nearest. */
  readonly configFile?: string | undefined
  /** URLs of places to try. */
  readonly places?: readonly string[] | undefined
  /** What takes the place of the config's s3. */
  readonly s3?: S3Options | undefined
  /** Whether something may be written, and removed again, in these places. @default false */
  readonly write?: boolean | undefined
}

/** How all is. */
export interface Diagnosis {
  /** Whether nothing is missing and nothing failed. */
  readonly ok: boolean
  readonly checks: readonly Check[]
}

/** Tries each request to a server only twice: a doctor who takes minutes is none. */
const PATIENCE = { attempts: 2, idleTimeout: 20 }
const RIGHTS = { list: 'list', read: 'read', write: 'write', delete: 'delete' }

/**
 * Looks at what works here: versions, formats, threads, memory, the config, and places by their URLs. What doesn't
 * work is told in the checks.
 *
 * @throws INVALID_USAGE for a place that is no URL, or one that can't be.
 */
export async function diagnose(options: DoctorOptions): Promise<Diagnosis> {
  const { machine, cwd, configFile, places = [], s3: typed = {}, write = false } = options
  for (const place of places) refuseOthers(place)
  const { check, config, own } = await checkConfig(cwd, configFile)
  const given = Object.entries(typed).filter(([, value]) => value !== undefined)
  const s3 = { ...config.s3, ...Object.fromEntries(given), ...PATIENCE }
  const checks = [
    ...describeVersions(machine),
    ...(await checkFormats()),
    ...checkThreads(machine, machine.concurrency ?? config.concurrency ?? defaultConcurrency()),
    ...describeMemory(machine),
    check,
  ]
  for (const place of new Set(places))
    checks.push(...(await checkPlace(place, { cwd, s3, own, machine, write })))
  return { ok: checks.every(({ mark }) => mark === 'ok' || mark === 'untried'), checks }
}

function refuseOthers(place: string): void {
  const scheme = schemeOf(place)
  if (scheme === 's3') parseRef(place)
  if (scheme !== undefined && !isDataUrl(place)) return
  const shown = isDataUrl(place) ? 'A data URL' : `"${place}"`
  const message = `${shown} is no place that could be tried. Name one such as s3://bucket/prefix/ or https://host/photo.jpg.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}

function describeVersions({ node }: Machine): Check[] {
  const { version, sharp: ofSharp, libvips } = versions()
  const found = { imgproc: version, 'Node.js': node, sharp: ofSharp, libvips }
  return Object.entries(found).map(([name, text]) => ({ about: 'versions', name, mark: 'ok', found: text }))
}

/** Makes and reads a picture of each format. */
async function checkFormats(): Promise<Check[]> {
  const about = 'formats'
  const types = Object.keys(FORMATS) as FormatType[] // its keys are these
  const works = await Promise.all(types.map(worksHere))
  const written = types.filter((_, index) => works[index] === true)
  const read = [...written, ...(sharp.format.svg.input.buffer ? ['svg'] : [])]
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

function checkThreads({ poolThreads }: Machine, images: number): Check[] {
  const about = 'threads'
  const enough = poolThreads >= images
  const advice = `${poolThreads} for ${images} images at once: set UV_THREADPOOL_SIZE to ${images + 2}, or concurrency to ${poolThreads}`
  return [
    { about, name: 'cores', mark: 'ok', found: String(availableParallelism()) },
    {
      about,
      name: 'images at once',
      mark: 'ok',
      found: `${images}, ${sharp.concurrency()} of libvips for each`,
    },
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

/** What the config says, and whether it can be had; without it all else is looked at as if there were none. */
async function checkConfig(
  cwd: string,
  file: string | undefined,
): Promise<{ check: Check; config: Config; own: readonly Backend[] }> {
  let config: Config = {}
  let own: readonly Backend[] = []
  const check = await tryOut('config', 'file', async () => {
    const loaded = await loadConfig({ cwd, file })
    own = await loadStores(loaded.config.stores ?? {}, loaded.root)
    config = loaded.config
    return loaded.file ?? `none from ${cwd} upward: the defaults hold`
  })
  return { check, config, own }
}

interface PlaceOptions {
  readonly cwd: string
  readonly s3: S3Options
  readonly own: readonly Backend[]
  readonly machine: Machine
  readonly write: boolean
}

async function checkPlace(ref: string, { cwd, s3, own, machine, write }: PlaceOptions): Promise<Check[]> {
  const store = createStores({ cwd, s3, own })
  if (isHttpUrl(ref)) {
    const about = withoutSecrets(ref)
    const read = async () => {
      await store.read(ref, { range: [0, 1] })
      return 'read a byte of it; nothing is ever written over HTTP'
    }
    return [await tryOut(about, 'read', read)]
  }
  const place = readPlace(ref)
  if (schemeOf(ref) === 's3') return checkBucket(place, { store, s3, awsProfile: machine.awsProfile, write })
  return checkRights(store, place, await listFirst(store, place), RIGHTS, write)
}
