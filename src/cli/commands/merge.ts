import { loadConfig } from '../../config/load-config.js'
import { formatManifest } from '../../manifest/parse-manifest.js'
import { isPipe } from '../../paths/location.js'
import { mergeManifests } from '../../run/merge-manifests.js'
import type { RunOptions } from '../../run/options.js'
import type { Printer } from '../output/printer.js'
import { mergeS3Flags, type S3Flags } from '../flags/s3-flags.js'

export interface MergeFlags extends S3Flags {
  readonly out?: string
  readonly config?: string
}

/** `imgproc merge`: one manifest from several, to a file or to stdout. */
export async function mergeCommand(
  manifests: readonly string[],
  flags: MergeFlags,
  { say, paint, voice }: Printer,
): Promise<void> {
  const cwd = process.cwd()
  const { config, root } = await loadConfig({ cwd, file: flags.config })
  const { s3, stores } = config as RunOptions // loadConfig has validated it
  const out = flags.out === undefined || isPipe(flags.out) ? undefined : flags.out
  const { manifest, files, missing } = await mergeManifests(manifests, {
    cwd,
    root,
    s3: mergeS3Flags(flags, s3),
    stores,
    out,
  })
  if (out === undefined) process.stdout.write(formatManifest(manifest))
  for (const file of missing)
    say(`${paint('yellow', 'warning')} ${file} is not among them: its shard's images are missing`)
  if (voice.quiet) return
  const [entries, parts] = [manifest.entries.length, files.length]
  say(
    `${entries} ${entries === 1 ? 'image' : 'images'} from ${parts} ${parts === 1 ? 'manifest' : 'manifests'}`,
  )
  if (out !== undefined) say(paint('dim', `manifest ${out}`))
}
