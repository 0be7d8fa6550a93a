import type { Summary } from '../jobs/summary.js'
import type { Source, Store } from '../stores/types.js'
import { asRecord, parseJson } from '../utils/parse-json.js'

/** Summarizes what a run read and left. If all of it still holds, the same run has nothing to do. */
export interface Snapshot {
  /** Hash of the run's settings, of the versions that count, and of the files that its inputs match. */
  readonly seen: string
  /** The manifest's file, after the run. */
  readonly manifest: Source
  /** The counts of the same run if it finds nothing to do. */
  readonly counts: SnapshotCounts
  /** Path below the output folder and bytes of each output. */
  readonly outputs: SnapshotOutputs
}

/** The counts of a run that finds nothing to do. */
export type SnapshotCounts = Pick<Summary, 'sources' | 'renditions' | 'ignored'>

/** Outputs in two lists, of the same length. */
export interface SnapshotOutputs {
  readonly paths: readonly string[]
  readonly bytes: readonly number[]
}

const VERSION = 1
/** Lines that are joined to one string at a time. */
const CHUNK_SIZE = 1000

function snapshotFile(state: string): string {
  return `${state}/snapshot`
}

/**
 * Reads the snapshot of the last run. Returns undefined if there is none, or if it is damaged.
 *
 * The first line is JSON; each other line holds the bytes of an output, a space and its path.
 */
export async function readSnapshot(store: Store, state: string): Promise<Snapshot | undefined> {
  const file = await store.read(snapshotFile(state)).catch(() => undefined)
  if (file === undefined) return undefined
  const [head = '', ...lines] = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
    .toString()
    .split('\n')
  const { version, lines: count, ...rest } = asRecord(parseJson(head))
  if (version !== VERSION || count !== lines.length) return undefined
  const [paths, bytes]: [string[], number[]] = [[], []]
  for (const line of lines) {
    const space = line.indexOf(' ')
    bytes.push(Number(line.slice(0, space)))
    paths.push(line.slice(space + 1))
  }
  // Written by `writeSnapshot` of this version, and whole.
  return { ...(rest as Omit<Snapshot, 'outputs'>), outputs: { paths, bytes } }
}

/**
 * Writes a snapshot, unless the file has this content already. Writes none if a path has a line feed. Never rejects: the
 * next run does without it.
 */
export async function writeSnapshot(
  store: Store,
  state: string,
  { outputs: { paths, bytes }, ...rest }: Snapshot,
): Promise<void> {
  if (paths.some((path) => path.includes('\n'))) return
  const chunks = [Buffer.from(JSON.stringify({ version: VERSION, lines: paths.length, ...rest }))]
  for (let at = 0; at < paths.length; at += CHUNK_SIZE) {
    const lines = paths.slice(at, at + CHUNK_SIZE).map((path, index) => `\n${bytes[at + index]} ${path}`)
    chunks.push(Buffer.from(lines.join('')))
  }
  const [ref, content] = [snapshotFile(state), Buffer.concat(chunks)]
  const before = await store.read(ref).catch(() => undefined)
  if (before !== undefined && content.equals(before)) return
  await store.write(ref, content, { contentType: 'text/plain' }).catch(() => undefined)
}
