import { loadConfig } from '../../config/load-config.js'
import { formatManifest } from '../../manifest/parse-manifest.js'
import { isPipe } from '../../paths/location.js'
import { mergeManifests } from '../../run/merge/merge-manifests.js'
import { plural, type Printer } from '../output/printer.js'
import { mergePlaceFlags, type S3Flags } from '../flags/s3-flags.js'

export interface MergeFlags extends S3Flags {
  readonly out?: string
  readonly config?: string
}

/** Merges several manifests into one, to a file or stdout: `imgproc merge`. */
export async function mergeCommand(
  manifests: readonly string[],
  flags: MergeFlags,
  { printLine, paint, quiet }: Printer,
): Promise<void> {
  const cwd = process.cwd()
  const { config, root } = await loadConfig({ cwd, file: flags.config })
  const out = flags.out === undefined || isPipe(flags.out) ? undefined : flags.out
  const { manifest, files, missing } = await mergeManifests(manifests, {
    cwd,
    root,
    ...mergePlaceFlags(flags, config),
    out,
  })
  if (out === undefined) process.stdout.write(formatManifest(manifest))
  for (const file of missing)
    printLine(`${paint('yellow', 'warning')} ${file} is not given: the images of its shard are missing`)
  if (quiet) return
  printLine(`${plural(manifest.entries.length, 'image')} from ${plural(files.length, 'manifest')}`)
  if (out !== undefined) printLine(paint('dim', `manifest ${out}`))
}
