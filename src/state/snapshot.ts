import type { Summary } from '../jobs/summary.js'
import type { Source, Store } from '../stores/types.js'
import { hasContent, readParts } from '../stores/read-parts.js'
import { writeParts } from '../stores/write-parts.js'
import { asRecord, parseJson } from '../utils/parse-json.js'
import { createByteSpool, type Bytes } from '../utils/spool/byte-spool.js'
import { findLineFeeds, inParts } from '../utils/spool/bytes.js'
import { readLines } from '../utils/spool/lines.js'

/** Summarizes what a run read and left. If all of it still holds, the same run has nothing to do. */
export interface Snapshot {
  /** Hash of the run's settings, of the versions that count, and of the files that its inputs match. */
  readonly seen: string
  /** The manifest's file, after the run. */
  readonly manifest: Source
  /** The counts of the same run if it finds nothing to do. */
  readonly counts: SnapshotCounts
  readonly outputs: SnapshotOutputs
}

/** The counts of a run that finds nothing to do. */
export type SnapshotCounts = Pick<Summary, 'sources' | 'renditions' | 'ignored' | 'sniffed'>

/** An output of a run. */
export interface SnapshotOutput {
  /** Below the output folder. */
  readonly path: string
  readonly bytes: number
}

/** Outputs, which may be more than fit into memory. */
export interface SnapshotOutputs extends Iterable<SnapshotOutput> {
  /** The bytes of the file from the end of its first line on. */
  readonly lines: Bytes
}

/** Collects the outputs of a run. Their paths have no line feeds. */
export interface OutputCollector {
  readonly add: (output: SnapshotOutput) => void
  readonly finish: () => SnapshotOutputs
}

const VERSION = 1
/** Characters that are encoded together. */
const BLOCK = 64 * 1024

function snapshotFile(state: string): string {
  return `${state}/snapshot`
}

export function createOutputCollector(): OutputCollector {
  const lines = createByteSpool()
  let waiting = ''
  const flush = () => {
    lines.append(waiting)
    waiting = ''
  }
  return {
    add({ path, bytes }) {
      waiting += `\n${bytes} ${path}`
      if (waiting.length > BLOCK) flush()
    },
    finish() {
      flush()
      return toOutputs(lines)
    },
  }
}

/** Each output is a line feed, its bytes, a space and its path. */
function toOutputs(lines: Bytes): SnapshotOutputs {
  return {
    lines,
    *[Symbol.iterator]() {
      for (const line of readLines(lines, 1, lines.length())) {
        const space = line.indexOf(' ')
        yield { bytes: Number(line.slice(0, space)), path: line.slice(space + 1) }
      }
    },
  }
}

/** Reads the snapshot of the last run. Returns undefined if there is none, or if it is damaged. */
export async function readSnapshot(store: Store, state: string): Promise<Snapshot | undefined> {
  try {
    const found = await store.stat(snapshotFile(state))
    return found === undefined ? undefined : parseSnapshot(await readParts(store, found))
  } catch {
    return undefined
  }
}

function parseSnapshot(file: Bytes): Snapshot | undefined {
  // The first line is JSON.
  let [end, count] = [file.length(), 0]
  for (const at of findLineFeeds(file, 0)) {
    if (count === 0) end = at
    count++
  }
  const head = asRecord(parseJson(file.read(0, end).toString()))
  const { version, lines, ...rest } = head
  if (version !== VERSION || lines !== count) return undefined
  const outputs: Bytes = {
    length: () => file.length() - end,
    read: (from, to, page) => file.read(from + end, to + end, page),
  }
  // Written by `writeSnapshot` of this version, and whole.
  return { ...(rest as Omit<Snapshot, 'outputs'>), outputs: toOutputs(outputs) }
}

/** Writes a snapshot, unless the file has this content already. Never rejects: the next run does without it. */
export async function writeSnapshot(
  store: Store,
  state: string,
  { outputs: { lines }, ...rest }: Snapshot,
): Promise<void> {
  let count = 0
  for (const _ of findLineFeeds(lines, 0)) count++
  const head = Buffer.from(JSON.stringify({ version: VERSION, lines: count, ...rest }))
  function* list() {
    yield head
    yield* inParts(lines, 0, lines.length())
  }
  const ref = snapshotFile(state)
  if (await hasContent(store, ref, list)) return
  await writeParts(store, ref, list(), { contentType: 'text/plain' }).catch(() => undefined)
}
