import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import fg from 'fast-glob'
import { type ImgprocError, throwIfAborted } from '../../errors.js'
import { errno, isUnspeakable, toReadError } from '../errors.js'
import { below, isInside, joinRef, transplant } from './glob.js'
import { isSkipped, type Search } from './list-scope.js'

/** Where a walk starts: a folder or a single file, by the path that leads there and by its real one. */
export interface Tree {
  readonly kind: 'file' | 'folder'
  readonly ref: string
  readonly real: string
}

/** A symbolic link that a walk met and didn't follow. */
export interface Link {
  readonly ref: string
  /** Where the link itself lies, whatever links led to it. */
  readonly home: string
}

/** What a walk learns beside the files. */
export interface Notes {
  readonly links: Link[]
  readonly problems: ImgprocError[]
}

/** A name that matches: a regular file's, or a link's to anything. */
export interface Match {
  readonly ref: string
  readonly isLink: boolean
}

/** fast-glob reads on without waiting, so it is held back while this many matches wait to be taken. */
const MAX_WAITING = 10_000

/** Matches that are handed on together: one by one they would take longer to pass on than to find. */
const TOGETHER = 64

/** Folders read at the same time, and so file descriptors, at most. */
const FOLDERS_AT_ONCE = 8

/**
 * The matches of a search in a tree, links not followed, as many together as have turned up. Folders on the way to the
 * tree aren't looked at.
 */
export async function* walk(search: Search, tree: Tree, notes: Notes): AsyncGenerator<readonly Match[]> {
  let stopped = false
  const isStopped = () => stopped || search.signal?.aborted === true
  const waiting = () => (stream instanceof Transform ? stream.readableLength + stream.writableLength : 0)

  const readFolder = async (ref: string): Promise<FolderEntry[]> => {
    if (!isInside(ref, tree.ref)) return [wayDown(ref, tree)]
    const real = transplant(ref, tree.ref, tree.real)
    if (isSkipped(real, search)) return []
    // Without a hold on the event loop: a listing that is left halfway doesn't keep the process alive.
    while (!isStopped() && waiting() > MAX_WAITING) await sleep(5, undefined, { ref: false })
    if (isStopped()) return []
    const entries = await readEntries(ref, notes)
    for (const { name } of entries.filter((entry) => entry.isSymbolicLink())) {
      notes.links.push({ ref: joinRef(ref, name), home: joinRef(real, name) })
    }
    return entries
  }

  const stream = fg.stream(search.pattern, {
    cwd: search.root,
    ignore: [...search.ignore],
    // On Windows its paths begin with `C:\` and go on with `/`: only what follows the root is taken.
    fs: { readdir: toAdapter((path) => readFolder(transplant(path, search.root, search.root))) },
    concurrency: FOLDERS_AT_ONCE,
    followSymbolicLinks: false,
    onlyFiles: false,
    objectMode: true,
    unique: false,
    caseSensitiveMatch: false,
    dot: false,
  })
  try {
    let matches: Match[] = []
    // In object mode it yields entries; its type knows only text.
    for await (const entry of stream as AsyncIterable<unknown> as AsyncIterable<fg.Entry>) {
      throwIfAborted(search.signal)
      const isLink = entry.dirent.isSymbolicLink()
      if (isLink || entry.dirent.isFile()) matches.push({ ref: joinRef(search.root, entry.path), isLink })
      if (matches.length < TOGETHER) continue
      yield matches
      matches = []
    }
    yield matches
  } finally {
    stopped = true
  }
  throwIfAborted(search.signal)
}

/** What fast-glob asks of a folder's entries: Node's own, or ours for the way down. */
type FolderEntry = fg.Entry['dirent']

/** A folder's promise of entries, as the callback that fast-glob wants. */
function toAdapter(read: (path: string) => Promise<FolderEntry[]>): fg.FileSystemAdapter['readdir'] {
  const adapter = (
    path: string,
    _options: unknown,
    callback: (error: NodeJS.ErrnoException | null, entries: FolderEntry[]) => void,
  ): void => {
    read(path).then(
      (entries) => callback(null, entries),
      (error: NodeJS.ErrnoException) => callback(error, []),
    )
  }
  // Without `stats` fast-glob calls it in this one of its two forms.
  return adapter as fg.FileSystemAdapter['readdir']
}

async function readEntries(ref: string, notes: Notes): Promise<Dirent[]> {
  try {
    return await readdir(ref, { withFileTypes: true })
  } catch (error) {
    // A folder that was removed meanwhile has no files; one that can't be read may have, and that is told.
    const isGone = errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR'
    if (!isGone || isUnspeakable(ref)) notes.problems.push(toReadError(error, ref))
    return []
  }
}

const no = () => false

/** The one entry of a folder that leads to the tree. */
function wayDown(folder: string, tree: Tree): FolderEntry {
  const [name = '', ...further] = below(tree.ref, folder).split('/')
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
