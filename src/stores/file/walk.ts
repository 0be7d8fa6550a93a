import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import fg from 'fast-glob'
import { type ImgprocError, throwIfAborted } from '../../errors.js'
import { errno, isInvalidUtf8, toReadError } from '../errors.js'
import { isInside, joinPath, pathBelow, rebasePath } from './absolute-path.js'
import { createBatchQueue } from './batch-queue.js'
import { hideLineBreaks, showLineBreaks } from './line-breaks.js'
import { isIgnoredByDefault, isSkipped, type ListScope } from './list-scope.js'

/** The start of a walk: a folder or a single file. */
export interface Tree {
  readonly kind: 'file' | 'folder'
  /** The path as given, which may lead through links. */
  readonly ref: string
  readonly realPath: string
}

/** A symbolic link that was found and not followed. */
export interface Link {
  readonly ref: string
  /** Path of the link itself, with all links above it resolved. */
  readonly entryPath: string
}

/** Collects findings of a walk other than matches. */
export interface WalkFindings {
  readonly links: Link[]
  readonly problems: ImgprocError[]
}

/** A path that matches: a regular file, or a link to anything. */
export interface Match {
  readonly ref: string
  readonly isLink: boolean
}

/** Matches that may wait for the consumer before folders are no longer read: fast-glob has no backpressure. */
const MAX_WAITING = 10_000

/** Matches per batch: passing them on one by one would take longer than finding them. */
const BATCH = 64

/** Folders, and so file descriptors, that are open at the same time. */
const CONCURRENT_FOLDERS = 8

/** Yields batches of matches in a tree. Does not follow links, and does not read the folders above the tree. */
export async function* walk(
  scope: ListScope,
  tree: Tree,
  findings: WalkFindings,
): AsyncGenerator<readonly Match[]> {
  const matches = createBatchQueue<Match>(BATCH)
  let stopped = false
  const isStopped = () => stopped || scope.signal?.aborted === true
  const waiting = () =>
    matches.size() + (stream instanceof Transform ? stream.readableLength + stream.writableLength : 0)

  const readFolder = async (ref: string): Promise<FolderEntry[]> => {
    if (!isInside(ref, tree.ref)) return [entryTowards(tree, ref)]
    const realPath = rebasePath(ref, tree.ref, tree.realPath)
    if (isSkipped(realPath, scope)) return []
    // `ref: false`: an abandoned listing does not keep the process alive.
    while (!isStopped() && waiting() > MAX_WAITING) await sleep(5, undefined, { ref: false })
    if (isStopped()) return []
    const entries = await readEntries(ref, findings)
    for (const { name } of entries.filter((entry) => entry.isSymbolicLink())) {
      findings.links.push({ ref: joinPath(ref, name), entryPath: joinPath(realPath, name) })
    }
    return scope.takesAll ? takeFiles(entries, ref, matches.add) : entries
  }

  const stream = fg.stream(hideLineBreaks(scope.pattern), {
    cwd: scope.root,
    ignore: scope.ignore.map(hideLineBreaks),
    // On Windows, fast-glob's paths begin with `C:\` and continue with `/`: only the part after the root is used.
    fs: {
      readdir: toAdapter((path) => readFolder(rebasePath(showLineBreaks(path), scope.root, scope.root))),
    },
    concurrency: CONCURRENT_FOLDERS,
    followSymbolicLinks: false,
    onlyFiles: false,
    objectMode: true,
    unique: false,
    caseSensitiveMatch: false,
    dot: false,
  })
  const search = async () => {
    // Yields entries in object mode, although its type says text.
    for await (const entry of stream as AsyncIterable<unknown> as AsyncIterable<fg.Entry>)
      addMatch(entry.dirent, joinPath(scope.root, showLineBreaks(entry.path)), matches.add)
  }
  matches.endWith(search())
  try {
    for await (const batch of matches.take()) {
      throwIfAborted(scope.signal)
      yield batch
    }
  } finally {
    stopped = true
  }
  throwIfAborted(scope.signal)
}

/**
 * Adds the files of a folder, and returns the folders in it. fast-glob takes three times as long to match and pass on a file as
 * the system takes to list it.
 */
function takeFiles(entries: readonly Dirent[], folder: string, add: (match: Match) => void): Dirent[] {
  for (const entry of entries)
    if (!entry.isDirectory() && !entry.name.startsWith('.'))
      addMatch(entry, joinPath(folder, entry.name), add)
  return entries.filter((entry) => entry.isDirectory() && !isIgnoredByDefault(entry.name))
}

/** Adds a regular file, or a link to anything. */
function addMatch(
  entry: Pick<FolderEntry, 'isSymbolicLink' | 'isFile'>,
  ref: string,
  add: (match: Match) => void,
): void {
  const isLink = entry.isSymbolicLink()
  if (isLink || entry.isFile()) add({ ref, isLink })
}

/** The part of Node's Dirent that fast-glob uses. */
type FolderEntry = fg.Entry['dirent']

/** Converts a function that returns a promise to fast-glob's callback style. */
function toAdapter(read: (path: string) => Promise<FolderEntry[]>): fg.FileSystemAdapter['readdir'] {
  const adapter = (
    path: string,
    _options: unknown,
    callback: (error: NodeJS.ErrnoException | null, entries: FolderEntry[]) => void,
  ): void => {
    read(path).then(
      (entries) => callback(null, entries.map(withoutLineBreaks)),
      (error: NodeJS.ErrnoException) => callback(error, []),
    )
  }
  // Without its option `stats`, fast-glob only calls this overload.
  return adapter as fg.FileSystemAdapter['readdir']
}

function withoutLineBreaks(entry: FolderEntry): FolderEntry {
  const name = hideLineBreaks(entry.name)
  // A copy with the entry's methods.
  return name === entry.name ? entry : Object.assign(Object.create(entry) as FolderEntry, { name })
}

async function readEntries(ref: string, findings: WalkFindings): Promise<Dirent[]> {
  try {
    return await readdir(ref, { withFileTypes: true })
  } catch (error) {
    // A folder that was just removed is empty. One that cannot be read is not, so the error is reported.
    const isGone = errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR'
    if (!isGone || isInvalidUtf8(ref)) findings.problems.push(toReadError(error, ref))
    return []
  }
}

const no = () => false

/** Returns the only needed entry of a folder above the tree: the one on the path to the tree. */
function entryTowards(tree: Tree, folder: string): FolderEntry {
  const [name = '', ...further] = pathBelow(tree.ref, folder).split('/')
  const isFile = further.length === 0 && tree.kind === 'file'
  return {
    name,
    isFile: () => isFile,
    isDirectory: () => !isFile,
    isSymbolicLink: no,
    isBlockDevice: no,
    isCharacterDevice: no,
    isFIFO: no,
    isSocket: no,
  }
}
