import type { ErrorRecord, Failure } from '../../errors.js'
import type { Manifest, ManifestEntry, ManifestOutput, ManifestTool } from '../../manifest/types.js'
import type { ReportData, ReportEntry, ReportError, ReportOutput } from './types.js'
import type { Pictures } from './pictures.js'

/** A manifest, and the folder that its paths are relative to. */
export interface ReportedManifest {
  readonly manifest: Manifest
  /** Absolute path. */
  readonly folder: string
}

/**
 * Returns everything that the page shows. Sources are sorted by path.
 *
 * @param failures failures of a run; sources that no manifest lists, such as files that do not exist, are added.
 */
export async function createReportData(
  manifests: readonly ReportedManifest[],
  title: string,
  pictures: Pictures,
  failures: readonly Failure[] = [],
): Promise<ReportData> {
  const entries: ReportEntry[] = []
  for (const { manifest, folder } of manifests)
    for (const entry of manifest.entries) entries.push(await toEntry(entry, folder, pictures))
  const known = new Set(entries.map(({ path }) => path))
  for (const { path, error } of failures)
    if (!known.has(path)) entries.push({ path, status: 'failed', error: toError(error), outputs: [] })
  const [first] = manifests
  return {
    title,
    tool: first === undefined ? '' : describeTool(first.manifest.tool),
    entries: entries.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
  }
}

async function toEntry(entry: ManifestEntry, folder: string, pictures: Pictures): Promise<ReportEntry> {
  const { source, status, reason, error } = entry
  const { path, format, width, height, bytes } = source
  const outputs: ReportOutput[] = []
  for (const output of entry.outputs) outputs.push(await toOutput(output, folder, pictures))
  return {
    path,
    status,
    format,
    width,
    height,
    bytes,
    reason,
    error: error && toError(error),
    picture: await pictures.ofSource(source, status === 'failed'),
    outputs,
  }
}

async function toOutput(output: ManifestOutput, folder: string, pictures: Pictures): Promise<ReportOutput> {
  const { preset, path } = output
  if (output.status === 'failed') return { preset, path, error: toError(output.error) }
  const { format, width, height, bytes, pages, quality, similarity, stale, warnings } = output
  const picture = await pictures.ofOutput(output, folder)
  return { preset, path, format, width, height, bytes, pages, quality, similarity, stale, warnings, picture }
}

function toError({ code, message, retryable }: ErrorRecord): ReportError {
  return { code, message, retryable }
}

function describeTool({ version, sharp, libvips }: ManifestTool): string {
  return `Made by imgproc ${version} with sharp ${sharp}, libvips ${libvips}`
}
