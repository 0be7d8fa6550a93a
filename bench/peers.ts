import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { delimiter, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Command, Contender } from './measure.js'

const BARE_SHARP = fileURLToPath(new URL('bare-sharp.mjs', import.meta.url))
/** Images at once that the bare loop was fastest with, for each core. */
const AT_ONCE = 2 * availableParallelism()
const BOX = { width: 100, height: 100, fit: 'inside', withoutEnlargement: true }

/** A program that is measured beside ours. */
export interface Peer extends Contender {
  /** With its version. */
  readonly label: string
  readonly readsPng: boolean
}

/** What is on this machine, and what could be. */
export interface Peers {
  readonly found: readonly Peer[]
  /** A sentence for each that is missing, with how to install it. */
  readonly missing: readonly string[]
}

/** One output of the bare loop. */
export interface BareOutput {
  readonly suffix?: string
  readonly resize: Readonly<Record<string, unknown>>
  readonly format?: string
}

/** A way to make thumbnails of at most 100x100, and how to find it. */
interface Known {
  readonly name: string
  readonly role?: 'limit'
  readonly readsPng?: false
  readonly install: string
  /** The program with its version; undefined where it isn't there. */
  find(work: string, fetch: boolean): Promise<{ program: string; version: string } | undefined>
  commands(program: string, files: readonly string[], out: string): readonly Command[]
}

const KNOWN: readonly Known[] = [
  {
    name: 'sharp loop',
    install: 'npm ci',
    find: async () => ({
      program: process.execPath,
      version: await versionOf(createRequire(import.meta.url).resolve('sharp')),
    }),
    commands: (_, files, out) => [loopSharp(files, out, [{ resize: BOX }])],
  },
  {
    name: 'sharp-cli',
    install: 'it comes from npm by itself, but not with --quick',
    find: findSharpCli,
    commands: (program, files, out) => {
      const input = join(files[0] ?? '', `../*${extname(files[0] ?? '')}`)
      const options = ['--autoOrient', 'resize', '100', '100', '--fit', 'inside', '--withoutEnlargement']
      return [{ file: process.execPath, args: [program, '-i', input, '-o', out, ...options] }]
    },
  },
  {
    name: 'vipsthumbnail',
    install: 'apt-get install libvips-tools',
    find: () => findProgram('vipsthumbnail', ['--vips-version'], /vips[ -](\d[\d.]*)/),
    commands: (file, files, out) =>
      share(files).map((some) => {
        const saved = extname(files[0] ?? '') === '.png' ? '%s.png[strip]' : '%s.jpg[Q=80,strip]'
        return { file, args: ['--size', '100x100>', '-o', join(out, saved), ...some] }
      }),
  },
  {
    name: 'mogrify',
    install: 'apt-get install imagemagick',
    find: () => findProgram('mogrify', ['-version'], /ImageMagick (\S+)/),
    commands: (file, files, out) =>
      share(files).map((some) => {
        const options = ['-define', 'jpeg:size=200x200', '-thumbnail', '100x100>', '-quality', '80']
        return { file, args: [...options, '-path', out, ...some] }
      }),
  },
  {
    name: 'djpeg -scale 1/8',
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

/** Looks for every peer. Only with `fetch` it installs sharp-cli, into the folder of work. */
export async function findPeers(work: string, fetch: boolean): Promise<Peers> {
  const found: Peer[] = []
  const missing: string[] = []
  for (const known of KNOWN) {
    const { name, role = 'peer', readsPng = true, install } = known
    const it = await known.find(work, fetch)
    if (it === undefined) {
      missing.push(`${name} is not on this machine (${install})`)
      continue
    }
    const { program, version } = it
    const start: Contender['commands'] = ({ files }, out) => known.commands(program, files, out)
    found.push({ name, role, readsPng, label: `${name} ${version}`, commands: start })
  }
  return { found, missing }
}

/** The bare loop over sharp, which makes one call an output. */
export function loopSharp(files: readonly string[], out: string, outputs: readonly BareOutput[]): Command {
  const spec = JSON.stringify({ out, atOnce: AT_ONCE, outputs })
  return { file: process.execPath, args: [BARE_SHARP, spec, ...files] }
}

/** Every so-manieth file for each core: the large ones are then spread evenly. */
function share(files: readonly string[]): string[][] {
  const cores = Math.min(availableParallelism(), files.length)
  return Array.from({ length: cores }, (_, core) => files.filter((_, index) => index % cores === core))
}

/** A program of the path, and what it says about itself. */
async function findProgram(name: string, args: readonly string[], pattern: RegExp) {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const program = join(folder, name)
    if (!(await isThere(program))) continue
    const { stdout, stderr } = await promisify(execFile)(program, [...args])
    return { program, version: pattern.exec(stdout + stderr)?.[1] ?? 'of unknown version' }
  }
  return undefined
}

async function findSharpCli(work: string, fetch: boolean) {
  const home = join(work, 'sharp-cli')
  const program = join(home, 'node_modules/sharp-cli/bin/cli.js')
  if (!(await isThere(program)) && fetch)
    await promisify(execFile)('npm', ['install', '--prefix', home, '--no-audit', '--no-fund', 'sharp-cli'])
  return (await isThere(program)) ? { program, version: await versionOf(program) } : undefined
}

/** The version of the package that a file belongs to. */
async function versionOf(file: string): Promise<string> {
  for (let folder = join(file, '..'); folder !== join(folder, '..'); folder = join(folder, '..')) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}')
    // A package.json without a version is one that only says "type".
    const { version } = JSON.parse(text) as { version?: string }
    if (version !== undefined) return version
  }
  return 'of unknown version'
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
