import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { isPipe, isRemote, resolveLocation } from '../../paths/location.js'
import { toList } from '../../utils/to-list.js'
import { checkManifests } from '../../run/check/check-manifest.js'
import type { RunOptions } from '../../run/options.js'
import { describePending } from '../output/pending-table.js'
import { printLines } from '../output/print-lines.js'
import { plural, type Printer } from '../output/printer.js'
import { DEFAULT_FOLDERS } from '../flags/find-manifest.js'
import type { RunFlags } from '../flags/run-flags.js'

/** True for a check that names neither what to make nor a config that does: manifests tell what was made. */
export function checksManifest(
  flags: RunFlags,
  ops: readonly ImageOp[],
  { inputs, batches }: RunOptions,
): boolean {
  const { preset, formats, widths, quality, analyze } = flags
  const isNamed = [preset, formats, widths, quality, analyze].some((value) => value !== undefined)
  if (flags.check !== true || isNamed || ops.length > 0 || flags.manifest === false) return false
  return inputs !== undefined || (batches ?? []).length === 0
}

/** Compares outputs with the manifests of their runs: `check` without a preset. Exit code 1 if any is missing or stale. */
export async function checkManifestCommand(
  options: RunOptions,
  flags: RunFlags,
  hasOut: boolean,
  printer: Printer,
): Promise<void> {
  const { out = '', cwd = '.', manifest } = options
  const inputs = toList(options.inputs)
  const ownFolders = inputs.filter(
    (input) => !isRemote(input) && existsSync(join(cwd, input, 'manifest.json')),
  )
  const places =
    typeof manifest === 'string'
      ? [manifest]
      : hasOut && !isPipe(out)
        ? [out]
        : ownFolders.length > 0
          ? ownFolders
          : DEFAULT_FOLDERS
  const refs = new Set(places.map((place) => resolveLocation(place, cwd)))
  const { problems, sources, unchanged, files } = await checkManifests({
    ...options,
    places,
    // A config names the folder by its whole path.
    inputs: inputs.filter((input) => !refs.has(resolveLocation(input, cwd))),
  })
  if (problems.length > 0) process.exitCode = 1
  if (flags.json === true) {
    for (const problem of problems) process.stdout.write(`${JSON.stringify(problem)}\n`)
    process.stdout.write(`${JSON.stringify({ plan: { sources, pending: problems.length, unchanged } })}\n`)
    return
  }
  const rows = problems.map(({ source, path, reason }) => ({
    reason,
    source,
    ...(path !== undefined && { target: path }),
  }))
  await printLines(
    describePending(() => rows, { paint: printer.paintResult, columns: process.stdout.columns || undefined }),
  )
  if (printer.quiet) return
  printer.printLine(
    `${problems.length} missing or stale, ${unchanged} unchanged, from ${plural(sources, 'image')}, by ${files.join(', ')}; nothing was written`,
  )
}
