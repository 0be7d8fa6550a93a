import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { delimiter, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Command, Contender } from './measure.js'

const BARE_SHARP = fileURLToPath(new URL('bare-sharp.mjs', import.meta.url))
const BUN_IMAGE = fileURLToPath(new URL('bun-image.mjs', import.meta.url))
const ELEVENTY_IMG = fileURLToPath(new URL('eleventy-img.mjs', import.meta.url))
/** Images at once with which the plain loop was fastest. */
const AT_ONCE = 2 * availableParallelism()

/** Thumbnails to make: the side of their box in pixels, and their format. */
export interface Task {
  readonly size: number
  /** @default the format of the source */
  readonly format?: 'webp'
}

const THUMBNAIL: Task = { size: 100 }

/** A program that is measured beside imgproc. */
export interface Peer extends Contender {
  /** Name and version. */
  readonly label: string
  readonly readsPng: boolean
  /** Returns the same program with another task; undefined if it cannot do it. */
  with(task: Task): Contender | undefined
}

/** Peers that are installed, and peers that are not. */
export interface Peers {
  readonly found: readonly Peer[]
  /** A sentence for each missing peer, with how to install it. */
  readonly missing: readonly string[]
}

/** One output of the plain loop. */
export interface BareOutput {
  readonly suffix?: string
  readonly resize: Readonly<Record<string, unknown>>
  readonly format?: string
}

/** A way to make thumbnails. */
interface Known {
  readonly name: string
  readonly role?: 'limit'
  readonly readsPng?: false
  readonly install: string
  /** Finds the program and its version. Returns undefined if it is not installed. */
  find(work: string, fetch: boolean): Promise<{ program: string; version: string } | undefined>
  /** It makes nothing but 100x100, in the format of the source. */
  readonly isFixed?: true
  commands(program: string, files: readonly string[], out: string, task: Task): readonly Command[]
}

const FETCHED = 'npm installs it, but not with --quick'
/** The last version that runs on Node.js 20. */
const ELEVENTY_IMG_PACKAGE = '@11ty/eleventy-img@6.0.4'

const KNOWN: readonly Known[] = [
  {
    name: 'sharp loop',
    install: 'npm ci',
    find: async () => ({
      program: process.execPath,
      version: await versionOf(createRequire(import.meta.url).resolve('sharp')),
    }),
    commands: (_, files, out, { size, format }) => {
      const resize = { width: size, height: size, fit: 'inside', withoutEnlargement: true }
      return [loopSharp(files, out, [{ resize, ...(format && { format }) }])]
    },
  },
  {
    name: 'sharp-cli',
    install: FETCHED,
    find: (work, fetch) => findPackage('sharp-cli', 'bin/cli.js', work, fetch),
    commands: (program, files, out, { size, format }) => {
      const input = join(files[0] ?? '', `../*${extname(files[0] ?? '')}`)
      const as = format === undefined ? [] : ['-f', format]
      const side = String(size)
      const options = ['--autoOrient', 'resize', side, side, '--fit', 'inside', '--withoutEnlargement']
      return [{ file: process.execPath, args: [program, '-i', input, '-o', out, ...as, ...options] }]
    },
  },
  {
    name: 'eleventy-img',
    isFixed: true,
    install: FETCHED,
    find: (work, fetch) => findPackage(ELEVENTY_IMG_PACKAGE, 'img.js', work, fetch),
    commands: (program, files, out) => {
      const spec = JSON.stringify({ out, width: THUMBNAIL.size, quality: 80 })
      return [{ file: process.execPath, args: [ELEVENTY_IMG, program, spec, ...files] }]
    },
  },
  {
    name: 'vipsthumbnail',
    install: 'apt-get install libvips-tools',
    find: () => findProgram('vipsthumbnail', ['--vips-version'], /vips[ -](\d[\d.]*)/),
    commands: (file, files, out, { size, format }) =>
      share(files).map((some) => {
        const jpegOrPng = extname(files[0] ?? '') === '.png' ? '%s.png[strip]' : '%s.jpg[Q=80,strip]'
        const saved = format === undefined ? jpegOrPng : `%s.${format}[Q=80,strip]`
        return { file, args: ['--size', `${size}x${size}>`, '-o', join(out, saved), ...some] }
      }),
  },
  {
    name: 'mogrify',
    install: 'apt-get install imagemagick',
    find: () => findProgram('mogrify', ['-version'], /ImageMagick (\S+)/),
    commands: (file, files, out, { size, format }) =>
      share(files).map((some) => {
        const hint = ['-define', `jpeg:size=${2 * size}x${2 * size}`]
        const as = format === undefined ? [] : ['-format', format]
        const options = [...hint, '-thumbnail', `${size}x${size}>`, '-quality', '80', ...as]
        return { file, args: [...options, '-path', out, ...some] }
      }),
  },
  {
    name: 'gm mogrify',
    install: 'apt-get install graphicsmagick',
    find: () => findProgram('gm', ['version'], /GraphicsMagick (\S+)/),
    commands: (file, files, out, { size, format }) =>
      share(files).map((some) => {
        const hint = ['-size', `${2 * size}x${2 * size}`]
        const as = format === undefined ? [] : ['-format', format]
        const options = [...hint, '-thumbnail', `${size}x${size}>`, '-quality', '80', ...as]
        return {
          file,
          args: ['mogrify', ...options, '-create-directories', '-output-directory', out, ...some],
        }
      }),
  },
  {
    name: 'Bun.Image',
    install: FETCHED,
    find: (work, fetch) => findPackage('bun@1.4.5', 'bin/bun.exe', work, fetch),
    commands: (file, files, out, task) => [
      { file, args: [BUN_IMAGE, JSON.stringify({ out, ...task }), ...files] },
    ],
  },
  {
    name: 'djpeg -scale 1/8',
    isFixed: true,
    role: 'limit',
    readsPng: false,
    install: 'apt-get install libjpeg-turbo-progs',
    find: () => findProgram('djpeg', ['-version'], /version (\S+)/),
    commands: (program, files) =>
      share(files).map((some) => {
        const script = 'for file; do "$0" -scale 1/8 "$file" >/dev/null || exit; done'
        return { file: 'sh', args: ['-c', script, program, ...some] }
      }),
  },
]

/**
 * Looks for the peers. With `fetch`, installs missing npm packages into the folder `work`.
 *
 * @param options.names default: all
 * @throws Error if there is no peer of a name
 */
export async function findPeers(
  work: string,
  { fetch, names }: { fetch: boolean; names?: readonly string[] },
): Promise<Peers> {
  const unknown = names?.find((name) => KNOWN.every((one) => one.name !== name))
  if (unknown !== undefined) {
    const all = KNOWN.map(({ name }) => name).join(', ')
    throw new Error(`--peers takes some of ${all}, separated by commas, got "${unknown}"`)
  }
  const found: Peer[] = []
  const missing: string[] = []
  for (const known of KNOWN) {
    if (names?.includes(known.name) === false) continue
    const { name, role = 'peer', readsPng = true, install } = known
    const it = await known.find(work, fetch)
    if (it === undefined) {
      missing.push(`${name} is not installed (${install})`)
      continue
    }
    const { program, version } = it
    const withTask = (task: Task): Contender => ({
      name,
      role,
      commands: ({ files }, out) => known.commands(program, files, out, task),
    })
    found.push({
      ...withTask(THUMBNAIL),
      readsPng,
      label: `${name} ${version}`,
      with: (task) => (known.isFixed ? undefined : withTask(task)),
    })
  }
  return { found, missing }
}

/** Returns the plain loop over sharp, one call per output. */
export function loopSharp(files: readonly string[], out: string, outputs: readonly BareOutput[]): Command {
  const spec = JSON.stringify({ out, atOnce: AT_ONCE, outputs })
  return { file: process.execPath, args: [BARE_SHARP, spec, ...files] }
}

/** Deals the files out to the cores in turn, so that large files are spread evenly. */
function share(files: readonly string[]): string[][] {
  const cores = Math.min(availableParallelism(), files.length)
  return Array.from({ length: cores }, (_, core) => files.filter((_, index) => index % cores === core))
}

/** Looks for a program in PATH and asks for its version. */
async function findProgram(name: string, args: readonly string[], pattern: RegExp) {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const program = join(folder, name)
    if (!(await isThere(program))) continue
    const { stdout, stderr } = await promisify(execFile)(program, [...args])
    return { program, version: pattern.exec(stdout + stderr)?.[1] ?? 'of unknown version' }
  }
  return undefined
}

/**
 * Looks for a file of an npm package in the folder `work`. With `fetch`, installs the package there if it is missing.
 *
 * @param spec name, or name and version
 */
async function findPackage(spec: string, file: string, work: string, fetch: boolean) {
  const name = spec.replace(/(?<=.)@.*$/, '')
  const home = join(work, spec.replaceAll('/', '-'))
  const program = join(home, 'node_modules', name, file)
  if (!(await isThere(program)) && fetch)
    await promisify(execFile)('npm', ['install', '--prefix', home, '--no-audit', '--no-fund', spec])
  return (await isThere(program)) ? { program, version: await versionOf(program) } : undefined
}

/** Returns the version of the package that a file belongs to. */
export async function versionOf(file: string): Promise<string> {
  for (let folder = join(file, '..'); folder !== join(folder, '..'); folder = join(folder, '..')) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}')
    // A package.json without a version only sets "type".
    const { version } = JSON.parse(text) as { version?: string }
    if (version !== undefined) return version
  }
  return 'of unknown version'
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
