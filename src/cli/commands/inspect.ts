import pLimit from 'p-limit'
import { builtInAnalyzers, loadAnalyzers } from '../../analyzers/load-analyzers.js'
import { loadConfig } from '../../config/load-config.js'
import { listPresets, resolvePreset } from '../../config/presets.js'
import { toImgprocError, toRecord, type ErrorRecord } from '../../errors.js'
import { inspect, type InspectOptions } from '../../inspect/inspect.js'
import type { Inspection } from '../../inspect/types.js'
import { withDefaults } from '../../image/limits.js'
import { relativeLocation, resolveLocation } from '../../paths/location.js'
import { findSources } from '../../plan/find-sources.js'
import { openStores } from '../../run/open-stores.js'
import { resolveStores } from '../../run/resolve-options.js'
import { toList } from '../../utils/to-list.js'
import { mergePlaceFlags, type S3Flags } from '../flags/s3-flags.js'
import { describeInspection } from '../output/describe-inspection.js'
import { describeInspections } from '../output/inspection-table.js'
import { printFailure, type Printer } from '../output/printer.js'

export interface InspectFlags extends S3Flags {
  readonly gps?: boolean
  readonly analyze?: readonly string[]
  readonly preset?: readonly string[]
  readonly json?: boolean
  readonly config?: string
}

/** A source, and the facts about it or the reason why there are none. */
export type Inspected = { readonly path: string } & (Inspection | { readonly error: ErrorRecord })

/** Files that are read at once. */
const CONCURRENCY = 4
/** Analyzers whose findings the command shows otherwise. */
const SHOWN_OTHERWISE: ReadonlySet<string> = new Set(['gps', 'metadata'])

/** Prints facts about images: `imgproc inspect`. Sets the exit code to 1 if one can't be read. */
export async function inspectCommand(
  inputs: readonly string[],
  flags: InspectFlags,
  printer: Printer,
): Promise<void> {
  const cwd = process.cwd()
  const { config, root, file } = await loadConfig({ cwd, file: flags.config })
  const store = await openStores(
    resolveStores({ cwd, root, ...mergePlaceFlags(flags, config), pipe: { input: process.stdin } }),
  )
  const ignore = (config.ignore ?? []).map((glob) => resolveLocation(glob, root))
  const { sources } = await findSources(store, { inputs, ignore })
  const options: InspectOptions = {
    limits: withDefaults(config.limits),
    failOn: config.failOn,
    gps: flags.gps,
    // loadConfig has validated their operations.
    presets: config.presets as InspectOptions['presets'],
    preset: flags.preset ?? defaultPresets(config, file !== undefined),
    analyzers: config.analyzers,
    analyze: flags.analyze ?? defaultAnalyzers(flags.json === true || sources.length === 1),
    root,
  }
  // A wrong name is a mistake of the command, not a failure of each image.
  for (const name of toList(options.preset)) resolvePreset(name, config)
  await loadAnalyzers(toList(options.analyze), options.analyzers ?? {}, root)
  const limit = pLimit(CONCURRENCY)
  const all = await limit.map(sources, async ({ source: { ref } }): Promise<Inspected> => {
    const path = relativeLocation(ref, cwd)
    try {
      return { path, ...(await inspect(await store.read(ref, { maxBytes: options.limits?.bytes }), options)) }
    } catch (error) {
      return { path, error: toRecord(toImgprocError(error)) }
    }
  })
  if (all.some((one) => 'error' in one)) process.exitCode = 1
  print(all, flags, printer)
}

function print(all: readonly Inspected[], { json, gps }: InspectFlags, printer: Printer): void {
  if (json === true) {
    for (const one of all) process.stdout.write(`${JSON.stringify(one)}\n`)
    return
  }
  const found = all.flatMap((one) => ('error' in one ? [] : [one]))
  const options = { paint: printer.paintResult, columns: process.stdout.columns, gps: gps === true }
  const [first, ...others] = found
  if (first !== undefined)
    process.stdout.write(
      others.length === 0 ? describeInspection(first, options) : describeInspections(found, options),
    )
  for (const one of all) if ('error' in one) printFailure(printer, one)
}

/** Presets of the config; those included if there is no config with presets. */
function defaultPresets(config: Parameters<typeof listPresets>[0], hasConfig: boolean): readonly string[] {
  const listed = listPresets(config)
  const own = hasConfig ? listed.filter(({ origin }) => origin === 'config') : []
  return (own.length > 0 ? own : listed).map(({ preset }) => preset.name)
}

/** A table has no room for findings, for which all pixels would be decoded. */
function defaultAnalyzers(isShown: boolean): readonly string[] {
  return isShown ? builtInAnalyzers.map(({ name }) => name).filter((name) => !SHOWN_OTHERWISE.has(name)) : []
}
