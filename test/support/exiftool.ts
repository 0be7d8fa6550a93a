import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** True if ExifTool is there. (Debian: libimage-exiftool-perl) */
export const hasExifTool = findExifTool()

/** For titles of tests that need it. */
export const NEEDS_EXIFTOOL = hasExifTool ? '' : ' (skipped without libimage-exiftool-perl)'

function findExifTool(): boolean {
  try {
    execFileSync('exiftool', ['-ver'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Values by group and name, such as `IFD0:Artist`. */
export type Tags = Readonly<Record<string, unknown>>

/** Returns the tags of files, all read at once. */
export async function readTags(files: readonly Uint8Array[]): Promise<readonly Tags[]> {
  return inFolder(async (folder) => {
    const paths = files.map((_, index) => join(folder, String(index)))
    await Promise.all(paths.map((path, index) => writeFile(path, files[index]!)))
    const { stdout } = await run('exiftool', ['-j', '-n', '-a', '-G1', '-charset', 'UTF8', ...paths], {
      maxBuffer: 2 ** 26,
    })
    return JSON.parse(stdout) as Tags[] // an object for each file
  })
}

/** Returns a file with tags that ExifTool wrote. */
export async function writeTags(file: Uint8Array, values: readonly string[]): Promise<Buffer> {
  return inFolder(async (folder) => {
    const path = join(folder, 'file')
    await writeFile(path, file)
    const args = ['-n', '-charset', 'UTF8', '-codedcharacterset=UTF8', ...values.map((value) => `-${value}`)]
    await run('exiftool', ['-q', '-overwrite_original', ...args, path])
    return readFile(path)
  })
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'imgproc-exiftool-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
