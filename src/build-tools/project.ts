import { stat } from 'node:fs/promises'
import { sep } from 'node:path'
import { loadConfig } from '../config/load-config.js'
import { presetNames, resolvePreset } from '../config/presets.js'
import { parseConfig } from '../config/validate-config.js'
import { resolvePresetPaths } from '../config/resolve-paths.js'
import { ImgprocError } from '../errors.js'
import { renameFiles } from '../operations/parse-operations.js'
import { isRemote, resolveLocation } from '../paths/location.js'
import { allOps } from '../plan/expand-presets.js'
import { predictPictures } from '../run/check/predict-pictures.js'
import { toConfigOptions, type ConfigRunOptions } from '../run/config-options.js'
import { openStores } from '../run/open-stores.js'
import { resolveStores } from '../run/resolve-options.js'
import { toList } from '../utils/to-list.js'
import { batchCalls } from './batch-calls.js'
import { checkRequests, makeRequests, type Checked, type Workshop } from './make-pictures.js'
import { createOwners } from './output-owners.js'
import { createPlacement } from './place-source.js'
import { findListed } from './listed-requests.js'
import { createMissingError } from './find-source.js'
import type { BuildToolOptions, MadePicture, PlannedPicture, Request } from './types.js'

const DEFAULT_OUT = 'node_modules/.cache/imgproc'

/** Milliseconds to wait for more pictures before a check or a run, which takes several at once. */
const CHECK_DELAY = 1
const RUN_DELAY = 5

/** The pictures of a project, by its config. Both are read once. */
export interface Project {
  /** Folder of the config, or of the project without one. */
  readonly root: string
  /** Output folder, absolute. */
  readonly out: string
  readonly baseUrl: string | undefined
  readonly presets: readonly string[]
  /** Files that a change of which makes other pictures: the config, and those that operations name. */
  readonly files: readonly string[]
  /** Makes the outputs of a preset, unless they are up to date. */
  make(request: Request): Promise<MadePicture>
  /** Returns the outputs of a preset as they are or will be; undefined if only making them tells. */
  plan(request: Request): Promise<PlannedPicture | undefined>
}

/**
 * Opens the project in a folder.
 *
 * @throws ImgprocError INVALID_CONFIG; INVALID_USAGE if outputs would not be on this disk, or without a manifest.
 */
export async function openProject(folder: string, given: BuildToolOptions): Promise<Project> {
  const { options, files } = await readOptions(folder, given)
  const store = await openStores(resolveStores(options))
  const shop: Workshop = { store, options, place: createPlacement(store, options) }
  const check = createCheck(shop)
  const owners = createOwners()
  const makeMissing = batchCalls((requests: readonly Request[]) => makeRequests(shop, requests), RUN_DELAY)
  const prepare = async (request: Request): Promise<Checked> => {
    resolvePreset(request.preset, { presets: options.presets as ConfigPresets })
    await checkFile(request.file)
    return check(request)
  }
  return {
    root: options.root,
    out: options.out,
    baseUrl: options.baseUrl,
    presets: presetNames({ presets: options.presets as ConfigPresets }),
    files,
    async make(request) {
      const checked = await prepare(request)
      return owners.add(request, 'made' in checked ? checked.made : await makeMissing(request))
    },
    async plan(request) {
      const checked = await prepare(request)
      if ('made' in checked) return checked.made
      const predicted = await predictPictures(checked.job, store)
      return predicted && toPlanned(checked, predicted)
    },
  }
}

type ConfigPresets = Parameters<typeof presetNames>[0]['presets']

type ProjectOptions = ConfigRunOptions & { readonly out: string }

async function readOptions(
  folder: string,
  { config: file, presets, out }: BuildToolOptions,
): Promise<{ options: ProjectOptions; files: readonly string[] }> {
  const loaded = await loadConfig({ cwd: folder, file })
  const own = parseConfig({ presets: presets ?? {} }, { label: "the plugin's options" })
  const options = toConfigOptions(loaded)
  const all: NonNullable<ConfigRunOptions['presets']> = {
    ...options.presets,
    // parseConfig has validated their operations.
    ...resolvePresetPaths((own.presets ?? {}) as NonNullable<BuildToolOptions['presets']>, folder),
  }
  const place = out === undefined ? options.out : resolveLocation(out, folder)
  const target = place ?? resolveLocation(DEFAULT_OUT, options.root)
  checkTarget(target, options)
  return {
    options: { ...options, presets: all, cwd: options.root, out: target },
    files: [...toList(loaded.file), ...namedFiles(all)].map((path) => path.replaceAll(sep, '/')),
  }
}

function checkTarget(out: string, { manifest, batches = [] }: ConfigRunOptions): void {
  const remote = [out, ...batches.flatMap((batch) => batch.out ?? [])].find(isRemote)
  if (remote === undefined && manifest !== false) return
  const message =
    remote === undefined
      ? 'Build tools need the manifest. Remove manifest: false from the config.'
      : `Build tools need outputs on this disk, but out is ${remote}. Set the option out of the plugin to a folder.`
  throw new ImgprocError('INVALID_USAGE', message, { stage: 'config' })
}

/** Returns the files on the disk that operations of presets name, such as watermarks. */
function namedFiles(presets: NonNullable<ConfigRunOptions['presets']>): string[] {
  const files = new Set<string>()
  for (const name of Object.keys(presets)) {
    const recipe = resolvePreset(name, { presets: presets as ConfigPresets })
    renameFiles(allOps(recipe), (ref) => {
      if (!isRemote(ref)) files.add(ref)
      return ref
    })
  }
  return [...files]
}

/**
 * Returns a check of requests. The first one also checks what the manifest lists, since builds ask for the same pictures
 * again, some for one after another.
 */
function createCheck(shop: Workshop): (request: Request) => Promise<Checked> {
  const known = new Map<string, Checked>()
  let hasLooked = false
  const check = batchCalls(async (requests: readonly Request[]) => {
    const listed = hasLooked ? [] : await findListed(shop)
    hasLooked = true
    if (listed.length > 0) {
      // A mistake in one of these is none of this build.
      const checked = await checkRequests(shop, listed).catch(() => [])
      for (const [at, one] of checked.entries()) if ('made' in one) known.set(keyOf(listed[at]!), one)
    }
    const rest = requests.filter((request) => !known.has(keyOf(request)))
    const checked = rest.length === 0 ? [] : await checkRequests(shop, rest)
    return requests.map((request) => take(request) ?? checked[rest.indexOf(request)]!)
  }, CHECK_DELAY)
  // Each is used once: while a server runs, files change.
  const take = (request: Request): Checked | undefined => {
    const found = known.get(keyOf(request))
    known.delete(keyOf(request))
    return found
  }
  return async (request) => take(request) ?? check(request)
}

function keyOf({ file, preset }: Request): string {
  return `${preset}\0${file}`
}

function toPlanned(
  { entry, job }: Extract<Checked, { readonly job: unknown }>,
  predicted: NonNullable<Awaited<ReturnType<typeof predictPictures>>>,
): PlannedPicture {
  const there = new Set(job.settled?.flatMap(({ action, recipe }) => (action === 'unchanged' ? recipe : [])))
  const kept = entry?.outputs.filter(({ recipe }) => there.has(recipe)) ?? []
  const missing = predicted.map((output) => ({ ...output, status: 'ready', bytes: 0, hash: '' }) as const)
  const { id, path } = job
  return {
    entry: {
      ...entry,
      id,
      source: entry?.source ?? { path },
      status: 'ready',
      outputs: [...kept, ...missing],
    },
    folder: undefined,
  }
}

async function checkFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile() !== true) throw await createMissingError(file)
}
