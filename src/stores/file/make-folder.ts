import { mkdirSync, statSync } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errno } from '../errors.js'

/*
 * The option `recursive` of Node's own functions never ends in a folder that exists and answers ENOENT to a new folder,
 * as /proc does: Node creates the folder above, finds that it exists, and tries again.
 */

/** Creates a folder and those above it, unless they exist. Throws the system's error. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await makeOne(path)
  } catch (error) {
    if (errno(error) !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await makeOne(path)
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    const stats = await stat(path).catch(() => undefined)
    // Systems differ in their error for a folder that exists.
    if (stats?.isDirectory() !== true) throw error
  }
}

/** Does the same synchronously. */
export function makeFolderSync(path: string): void {
  try {
    makeOneSync(path)
  } catch (error) {
    if (errno(error) !== 'ENOENT' || dirname(path) === path) throw error
    makeFolderSync(dirname(path))
    makeOneSync(path)
  }
}

function makeOneSync(path: string): void {
  try {
    mkdirSync(path)
  } catch (error) {
    if (!isFolder(path)) throw error
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}
