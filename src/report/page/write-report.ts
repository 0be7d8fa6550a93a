import { dirname, extname, relative } from 'node:path'
import { ImgprocError, type Failure } from '../../errors.js'
import { createFileStore } from '../../stores/file/store.js'
import { fillPage } from './fill-page.js'
import { createPictures } from './pictures.js'
import { createReportData, type ReportedManifest } from './report-data.js'

/** Up to so many sources, and bytes of outputs, the page holds all pictures unless told otherwise. */
const EMBEDDED = { sources: 60, bytes: 16e6 }
/** A page of ours has this near its begin. */
const MARK = '<meta name="generator" content="imgproc report" />'

export interface ReportOptions {
  readonly manifests: readonly ReportedManifest[]
  /** Absolute path of the folder that paths of sources are relative to. */
  readonly root: string
  /** Absolute path of the page. */
  readonly file: string
  /**
   * True for a page that holds all pictures, so that it can be sent to others; false for one that links to their files.
   * @default true for up to 60 sources and 16 MB of outputs
   */
  readonly embed?: boolean | undefined
  /** Failures of the run that the page is about. */
  readonly failures?: readonly Failure[] | undefined
}

/** A page that was written. */
export interface WrittenReport {
  readonly sources: number
  readonly bytes: number
  readonly isEmbedded: boolean
  /** Paths of files that could not be shown. */
  readonly missing: readonly string[]
}

/**
 * Writes an HTML page about manifests: one file without scripts, styles or requests from elsewhere.
 *
 * @throws ImgprocError INVALID_USAGE if the file is no `.html`, or exists and is no report; WRITE_FAILED.
 */
export async function writeReport(options: ReportOptions): Promise<WrittenReport> {
  const { manifests, root, file, embed, failures } = options
  const store = createFileStore({ cwd: root })
  await checkFile(store, file)
  const isEmbedded = embed ?? isSmall(manifests)
  const pictures = createPictures({ root, pageFolder: dirname(file), isEmbedded })
  const title = manifests.map(({ folder }) => relative(root, folder) || '.').join(', ')
  const data = await createReportData(manifests, title, pictures, failures)
  const parts = await fillPage(data, pictures.blocks, isEmbedded)
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)))
  await store.write(file, bytes, { contentType: 'text/html; charset=utf-8' })
  return { sources: data.entries.length, bytes: bytes.length, isEmbedded, missing: pictures.missing }
}

function isSmall(manifests: readonly ReportedManifest[]): boolean {
  const entries = manifests.flatMap(({ manifest }) => manifest.entries)
  const outputs = entries.flatMap((entry) => entry.outputs)
  const bytes = outputs.reduce((sum, output) => sum + (output.status === 'ready' ? output.bytes : 0), 0)
  return entries.length <= EMBEDDED.sources && bytes <= EMBEDDED.bytes
}

/** Throws unless the file may be written: a name such as a picture's is a mistake, and other pages are kept. */
async function checkFile(store: ReturnType<typeof createFileStore>, file: string): Promise<void> {
  if (!/^\.html?$/i.test(extname(file)))
    throw createUsageError(`${file}: a report is a page. Choose a name that ends in .html.`, file)
  if ((await store.stat(file)) === undefined) return
  const head = Buffer.from(await store.read(file, { range: [0, 4096] })).toString()
  if (head.includes(MARK)) return
  throw createUsageError(`${file} exists and is no report of imgproc. Choose another name.`, file)
}

function createUsageError(message: string, path: string): ImgprocError {
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path })
}
