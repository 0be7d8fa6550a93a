import { defaultConcurrency } from '../engines/concurrency.js'
import { loadConfig } from '../config/load-config.js'
import type { Config } from '../config/schema.js'
import { schemeOf } from '../paths/location.js'
import type { Backend } from '../stores/types.js'
import { isDataUrl, isHttpUrl, withoutSecrets } from '../paths/url.js'
import { checkMachine, type Machine } from './machine.js'
import { type Check, checkRights, listFirst, readPlace, tryOut } from './location.js'
import { checkBucket } from './s3.js'
import { ImgprocError } from '../errors.js'
import { createStores } from '../stores/open-stores.js'
import { loadStores } from '../stores/load-stores.js'
import type { S3Options } from '../stores/s3/options.js'
import { parseRef } from '../stores/s3/uri.js'

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
  const images = machine.concurrency ?? config.concurrency ?? defaultConcurrency()
  const checks = [...(await checkMachine(machine, images)), check]
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
