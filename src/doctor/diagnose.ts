import { defaultConcurrency } from '../engines/concurrency.js'
import { loadConfig } from '../config/load-config.js'
import type { Config } from '../config/schema.js'
import { schemeOf } from '../paths/location.js'
import type { Backend } from '../stores/types.js'
import { isDataUrl, isHttpUrl, withoutSecrets } from '../paths/url.js'
import { checkMachine, type Machine } from './machine.js'
import { type Check, checkPermissions, listFirst, parseLocation, runCheck } from './location.js'
import { checkContainer } from './azure.js'
import { checkGcsBucket } from './gcs.js'
import { checkBucket } from './s3.js'
import { ImgprocError } from '../errors.js'
import { createStores } from '../stores/create-stores.js'
import { loadStores } from '../stores/load-stores.js'
import { parseRef as parseAzureRef } from '../stores/azure/uri.js'
import type { AzureOptions } from '../stores/azure/options.js'
import { parseRef as parseGcsRef } from '../stores/gcs/uri.js'
import type { GcsOptions } from '../stores/gcs/options.js'
import type { S3Options } from '../stores/s3/options.js'
import { parseRef as parseS3Ref } from '../stores/s3/uri.js'

export interface DoctorOptions {
  readonly machine: Machine
  /** The folder where the search for a config starts. */
  readonly cwd: string
  /** The config file, instead of the nearest. */
  readonly configFile?: string | undefined
  /** URLs of locations to check. */
  readonly locations?: readonly string[] | undefined
  /** Replaces keys of the config's `s3`. */
  readonly s3?: S3Options | undefined
  /** Allows writing a test file at the locations, which is deleted again. @default false */
  readonly write?: boolean | undefined
}

/** Result of all checks. */
export interface Diagnosis {
  /** True if nothing is missing and nothing failed. */
  readonly ok: boolean
  readonly checks: readonly Check[]
}

/** Fewer and faster retries than in a run, so that a diagnosis does not take minutes. Idle timeout in seconds. */
const FAST_RETRY = { attempts: 2, idleTimeout: 20 }
const PERMISSIONS = { list: 'list', read: 'read', write: 'write', delete: 'delete' }

/** Checks the URLs of the built-in stores. Others have rules of their own. */
const PARSERS: Readonly<Record<string, (ref: string) => unknown>> = {
  s3: parseS3Ref,
  gs: parseGcsRef,
  az: parseAzureRef,
}

/**
 * Checks versions, formats, threads, memory, the config, and locations. Problems are returned in the checks.
 *
 * @throws INVALID_USAGE for a location that is not a URL of a store.
 */
export async function diagnose(options: DoctorOptions): Promise<Diagnosis> {
  const { machine, cwd, configFile, locations = [], s3: s3Flags = {}, write = false } = options
  for (const location of locations) assertStoreUrl(location)
  const { check, config, customStores } = await checkConfig(cwd, configFile)
  const given = Object.entries(s3Flags).filter(([, value]) => value !== undefined)
  const s3 = { ...config.s3, ...Object.fromEntries(given), ...FAST_RETRY }
  const gcs = { ...config.gcs, ...FAST_RETRY }
  const azure = { ...config.azure, ...FAST_RETRY }
  const images = machine.concurrency ?? config.concurrency ?? defaultConcurrency()
  const checks = [...(await checkMachine(machine, images)), check]
  for (const location of new Set(locations))
    checks.push(...(await checkLocation(location, { cwd, s3, gcs, azure, customStores, machine, write })))
  return { ok: checks.every(({ mark }) => mark === 'ok' || mark === 'untried'), checks }
}

function assertStoreUrl(location: string): void {
  const scheme = schemeOf(location)
  if (scheme !== undefined) PARSERS[scheme]?.(location)
  if (scheme !== undefined && !isDataUrl(location)) return
  const shown = isDataUrl(location) ? 'a data URL' : `"${location}"`
  const message = `Cannot check ${shown}: expected a URL such as s3://bucket/prefix/, gs://bucket/prefix/, az://container/prefix/ or https://host/photo.jpg.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}

/** Loads the config and its stores. If that fails, the other checks use an empty config. */
async function checkConfig(
  cwd: string,
  file: string | undefined,
): Promise<{ check: Check; config: Config; customStores: readonly Backend[] }> {
  let config: Config = {}
  let customStores: readonly Backend[] = []
  const check = await runCheck('config', 'file', async () => {
    const loaded = await loadConfig({ cwd, file })
    customStores = await loadStores(loaded.config.stores ?? {}, loaded.root)
    config = loaded.config
    return loaded.file ?? `none in ${cwd} or above: defaults are used`
  })
  return { check, config, customStores }
}

interface LocationOptions {
  readonly cwd: string
  readonly s3: S3Options
  readonly gcs: GcsOptions
  readonly azure: AzureOptions
  readonly customStores: readonly Backend[]
  readonly machine: Machine
  readonly write: boolean
}

async function checkLocation(ref: string, options: LocationOptions): Promise<Check[]> {
  const { cwd, s3, gcs, azure, customStores, machine, write } = options
  const store = createStores({ cwd, s3, gcs, azure, own: customStores })
  if (isHttpUrl(ref)) {
    const about = withoutSecrets(ref)
    const read = async () => {
      await store.read(ref, { range: [0, 1] })
      return 'read a byte of it (HTTP is read-only)'
    }
    return [await runCheck(about, 'read', read)]
  }
  const location = parseLocation(ref)
  const scheme = schemeOf(ref)
  if (scheme === 's3') return checkBucket(location, { store, s3, awsProfile: machine.awsProfile, write })
  if (scheme === 'az') return checkContainer(location, { store, azure, write })
  if (scheme === 'gs') return checkGcsBucket(location, { store, gcs, write })
  return checkPermissions(store, location, await listFirst(store, location), PERMISSIONS, write)
}
