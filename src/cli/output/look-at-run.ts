import { basename, dirname, relative, resolve } from 'node:path'
import { ImgprocError } from '../../errors.js'
import type { Summary } from '../../jobs/summary.js'
import { readManifest } from '../../manifest/read-manifest.js'
import { isPipe, isRemote } from '../../paths/location.js'
import { manifestRef } from '../../run/open-folder.js'
import type { RunOptions } from '../../run/options.js'
import type { RunFlags } from '../flags/run-flags.js'
import { printNext } from './next-step.js'
import type { Printer } from './printer.js'

/**
 * Checks that a report can be written after the run.
 *
 * @throws ImgprocError INVALID_USAGE if no manifest is kept on the disk, or the command makes nothing.
 */
export function checkReport({ report, watch, dryRun, check }: RunFlags, options: RunOptions): void {
  if (report === undefined) return
  const place =
    typeof options.manifest === 'string' ? options.manifest : (options.outFile ?? options.out ?? '')
  const isKept =
    options.manifest !== false && (options.outFile === undefined || options.manifest !== undefined)
  const reason =
    watch === true || dryRun === true || check === true
      ? 'is written after a run. Leave out --watch, --dry-run and --check'
      : !isKept || isPipe(place)
        ? 'needs a manifest. Remove --no-manifest, or name one by --manifest'
        : isRemote(place)
          ? 'shows files of this disk. Leave it out, or choose a folder for --out'
          : options.shard !== undefined
            ? 'shows a whole run. Merge the manifests of the shards, then use imgproc report'
            : undefined
  if (reason === undefined) return
  throw new ImgprocError('INVALID_USAGE', `--report ${reason}.`, { stage: 'usage' })
}

/** Writes the report of a run, or tells how to. */
export async function lookAtRun(
  summary: Summary,
  folders: readonly string[],
  options: RunOptions,
  { report, json }: RunFlags,
  printer: Printer,
): Promise<void> {
  const { cwd = '.', root = cwd } = options
  if (report !== undefined) {
    const { reportRun } = await import('../commands/report.js')
    const refs = new Set(
      folders.map((out) => manifestRef(out, { manifest: options.manifest, shard: undefined })),
    )
    const manifests = await Promise.all(
      [...refs].map(async (ref) => ({ manifest: await readManifest(ref), folder: dirname(ref) })),
    )
    await reportRun({ manifests, root, file: resolve(report), failures: summary.failures }, printer)
    return
  }
  if (json === true || summary.renditions.written === 0 || summary.manifest === undefined) return
  if (isRemote(summary.manifest)) return
  const ref = relative('.', resolve(cwd, summary.manifest))
  const name = basename(ref) === 'manifest.json' ? dirname(ref) : ref
  printNext(printer, ['report', name])
}
