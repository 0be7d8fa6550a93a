import { basename, dirname, join, relative, resolve } from 'node:path'
import { readManifest } from '../../manifest/read-manifest.js'
import { sourcesWithOutputs } from '../../report/picture/picture-data.js'
import { writeReport, type ReportOptions, type WrittenReport } from '../../report/page/write-report.js'
import { ImgprocError } from '../../errors.js'
import { isRemote } from '../../paths/location.js'
import { withoutSecrets } from '../../paths/url.js'
import { formatBytes } from '../../utils/format-bytes.js'
import { findManifest } from '../flags/find-manifest.js'
import { printNext } from '../output/next-step.js'
import { plural, type Printer } from '../output/printer.js'

export interface ReportFlags {
  readonly out?: string
  readonly embed?: boolean
  readonly config?: string
}

const NAME = 'report.html'
/** Files that a warning names. */
const MAX_NAMED = 3

/** Writes a page about a manifest: `imgproc report`. */
export async function reportCommand(
  typed: string | undefined,
  { out, embed, config }: ReportFlags,
  printer: Printer,
): Promise<void> {
  const cwd = process.cwd()
  const { file: ref, root } = await findManifest(typed, config, cwd)
  if (isRemote(ref)) throw createRemoteError(ref)
  const manifest = await readManifest(ref)
  const folder = dirname(ref)
  const file = out === undefined ? join(folder, NAME) : resolve(cwd, out)
  const written = await writeReport({ manifests: [{ manifest, folder }], root, file, embed })
  process.stdout.write(`${nameOf(file, cwd)}\n`)
  describeReport(written, printer)
  const [source] = sourcesWithOutputs(manifest)
  // The folder names the manifest, unless that has another name.
  const place = basename(ref) === 'manifest.json' ? folder : ref
  if (source !== undefined)
    printNext(printer, ['markup', nameOf(place, cwd), source, '--alt', 'what the picture shows'])
}

/** Writes the page about a run that has just ended: `--report`. */
export async function reportRun(options: ReportOptions, printer: Printer): Promise<void> {
  const written = await writeReport(options)
  if (!printer.quiet) printer.printLine(printer.paint('dim', `report ${nameOf(options.file, process.cwd())}`))
  warnOfMissing(written, printer)
}

function describeReport(written: WrittenReport, printer: Printer): void {
  const { sources, bytes, isEmbedded } = written
  const pictures = isEmbedded
    ? 'all pictures are in the page'
    : 'pictures are linked: keep the page where it is, or hold them in it by --embed'
  if (!printer.quiet) printer.printLine(`${plural(sources, 'source')}, ${formatBytes(bytes)}; ${pictures}`)
  warnOfMissing(written, printer)
}

function warnOfMissing({ missing }: WrittenReport, { printLine, paint }: Printer): void {
  if (missing.length === 0) return
  const names = missing.slice(0, MAX_NAMED).join(', ') + (missing.length > MAX_NAMED ? ' …' : '')
  const advice = 'Run it in the folder where the pictures were made, or name its config by --config.'
  printLine(
    `${paint('yellow', 'warning')} ${plural(missing.length, 'picture')} could not be shown: ${names}. ${advice}`,
  )
}

function createRemoteError(ref: string): ImgprocError {
  const message = `A report shows pictures of this disk, and ${withoutSecrets(ref)} is elsewhere. Copy the outputs and their manifest into a folder, then name that: imgproc report FOLDER. imgproc markup and imgproc merge read the manifest where it is.`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}

function nameOf(path: string, cwd: string): string {
  return relative(cwd, path) || '.'
}
