// Installs the packed package in an empty project and tests the command, require, import and types, on several versions of
// Node.js.
import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PHOTOS = join(ROOT, 'fixtures', 'photos')
/** Major versions of Node.js to test, in addition to the one that runs this script. */
const OTHER_NODES = [22, 24]

const MAKE_THUMBNAIL = `
  transform('photos/landscape.jpg', [{ thumbnail: '100x100' }, { format: 'png' }]).then(({ data, info }) => {
    // From the PNG header, since info could have the same error.
    const size = [data.readUInt32BE(16), data.readUInt32BE(20)]
    if (Math.max(...size) !== 100) throw new Error('made ' + size.join('x'))
    if (info.width !== size[0] || info.height !== size[1]) throw new Error('info says ' + JSON.stringify(info))
  })`

const CONSUMER = `
/// <reference types="imgproc/vite/client" />
import { ImgprocError, defineConfig, defineOps, run, transform } from 'imgproc'
import type { ImageOp } from 'imgproc'
import eleventy, { type EleventyPluginOptions } from 'imgproc/eleventy'
import vite from 'imgproc/vite'
import thumb, { entry } from './photos/landscape.jpg?preset=thumb'

const ops = defineOps([{ thumbnail: { width: 100, height: 100 } }, { rotate: 90 }, { format: 'webp' }])
const more: readonly ImageOp[] = [{ resize: '50%' }, { format: { type: 'avif', quality: 50 } }]

export const config = defineConfig({
  out: 'public/img',
  presets: { card: { ops: [{ thumbnail: '100x100' }], widths: [320, 640], formats: ['webp', 'jpeg'] } },
})

export const plugins = [vite({ types: 'imgproc-env.d.ts' }), eleventy] as const
export const options: EleventyPluginOptions = { preset: 'thumb', picture: { sizes: '50vw' } }
export const imported: readonly [string, string] = [thumb.img.src, entry.source.path]

export async function use(): Promise<string> {
  try {
    const { data, info } = await transform(new URL('file:///a.jpg'), [...ops, ...more])
    const bytes: Buffer = data
    const width: number = info.width
    for await (const result of run({ inputs: ['photos/**'] })) console.log(result.status, result.job.path)
    return \`\${bytes.length} \${width} \${info.format}\`
  } catch (error) {
    return error instanceof ImgprocError ? error.code : 'INTERNAL'
  }
}
`

/** Each marked line must be a type error. tsc reports unused `@ts-expect-error` marks. */
const WRONG = `
import { transform } from 'imgproc'

// @ts-expect-error two operations in one object
await transform('a.jpg', [{ thumbnail: 100, rotate: 90 }])
// @ts-expect-error a misspelt operation
await transform('a.jpg', [{ thumbnial: 100 }])
// @ts-expect-error a value of the wrong type
await transform('a.jpg', [{ format: { type: 'webp', quality: 'high' } }])
// @ts-expect-error an option of another encoder
await transform('a.jpg', [{ format: { type: 'jpeg', lossless: true } }])
`

const CONSUMER_TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noEmit: true,
    skipLibCheck: false,
  },
  files: ['consumer.ts', 'wrong.ts'],
}

try {
  await main()
} catch (error) {
  console.error(`FAILED: ${messageOf(error)}`)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'imgproc install '))
  try {
    const tarball = await pack(work)
    const ownVersion = Number.parseInt(process.versions.node, 10)
    await tryPackage(join(work, 'own-node'), tarball, dirname(process.execPath))
    for (const version of OTHER_NODES.filter((other) => other !== ownVersion)) {
      await tryPackage(join(work, `node ${version}`), tarball, fetchNode(version))
    }
    await checkTypes(join(work, 'own-node'))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Packs the built package as for publishing, and returns the path of the tarball. */
async function pack(work: string): Promise<string> {
  call(ROOT, 'npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', work])
  const tarball = (await readdir(work)).find((name) => name.endsWith('.tgz'))
  if (tarball === undefined) throw new Error('npm pack made no .tgz')
  return join(work, tarball)
}

/** Downloads another version of Node.js from the npm registry, and returns the folder of its binary. */
function fetchNode(version: number): string {
  try {
    const path = call(ROOT, 'npx', ['-y', '-p', `node@${version}`, '-c', 'node -p process.execPath']).trim()
    const found = call(ROOT, path, ['--version']).trim()
    if (found.startsWith(`v${version}.`)) return dirname(path)
    throw new Error(`node@${version} installed ${found}`)
  } catch (cause) {
    throw new Error(`Node ${version} could not be installed from the npm registry, so it was not tested`, {
      cause,
    })
  }
}

/** Installs the tarball in a new folder with the Node.js in `nodeFolder`, and tests the command, require and import. */
async function tryPackage(folder: string, tarball: string, nodeFolder: string): Promise<void> {
  const PATH = [nodeFolder, process.env.PATH].join(delimiter)
  const inside = (command: string, args: string[]): string => call(folder, command, args, { PATH })
  await mkdir(folder)
  await cp(PHOTOS, join(folder, 'photos'), { recursive: true })
  inside('npm', ['init', '-y'])
  const { status, stdout, stderr } = run(folder, 'npm', ['install', '--no-audit', '--no-fund', tarball], {
    PATH,
  })
  expectEqual(status, 0, `the exit code of npm install\n${stdout}${stderr}`)
  // Other packages' deprecations are not ours.
  expectEqual(
    stderr.split('\n').find((line) => line.includes('imgproc')),
    undefined,
    'warning of npm install',
  )

  const { version } = await readJson<{ version: string }>(join(ROOT, 'package.json'))
  expectEqual(inside('npx', ['imgproc', '--version']).trim(), version, 'imgproc --version')
  inside('npx', ['imgproc', 'thumbs', 'photos/**', '--preset', 'thumb'])
  await checkThumbs(folder)
  checkSilence(folder, PATH)
  inside('node', ['-e', `const { transform } = require('imgproc')\n${MAKE_THUMBNAIL}`])
  inside('node', [
    '--input-type=module',
    '-e',
    `import { transform } from 'imgproc'\nawait ${MAKE_THUMBNAIL.trim()}`,
  ])
  // Their hosts are not installed, and need not be until they load the plugin.
  for (const plugin of ['vite', 'eleventy'])
    inside('node', ['-e', `if (typeof require('imgproc/${plugin}').default !== 'function') process.exit(1)`])
  report(`Node ${inside('node', ['--version']).trim()}: command, require and import work`)
}

/** Checks that `--quiet` prints nothing, such as warnings of Node.js about V8 flags, also with workers. */
function checkSilence(folder: string, PATH: string): void {
  const command = join('node_modules', 'imgproc', 'bin', 'imgproc.cjs')
  const args = [command, 'thumbs', 'photos/**', '-o', 'silent', '--workers', '2', '--quiet']
  const { status, stderr } = run(folder, 'node', args, { PATH })
  expectEqual(stderr, '', 'stderr with --quiet')
  expectEqual(status, 0, 'exit code with --quiet')
}

interface Listed {
  readonly entries: readonly {
    readonly status: string
    readonly outputs: readonly { readonly path: string; readonly width: number; readonly height: number }[]
  }[]
}

/** Checks that each photo has a thumbnail of at most 100 x 100 pixels. */
async function checkThumbs(folder: string): Promise<void> {
  const photos = (await readdir(join(folder, 'photos'), { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile(),
  )
  const { entries } = await readJson<Listed>(join(folder, 'thumbs', 'manifest.json'))
  const outputs = entries.flatMap((entry) => (entry.status === 'ready' ? entry.outputs : []))
  expectEqual(outputs.length, photos.length, 'thumbnails in the manifest')
  for (const { path, width, height } of outputs) {
    await stat(join(folder, 'thumbs', path))
    if (Math.max(width, height) > 100) throw new Error(`${path} is ${width}x${height}, larger than 100x100`)
  }
}

/** Checks that a typed program compiles, that wrong lines fail, and that the types import no other packages. */
async function checkTypes(folder: string): Promise<void> {
  const { devDependencies } = await readJson<{ devDependencies: Record<string, string> }>(
    join(ROOT, 'package.json'),
  )
  call(folder, 'npm', ['install', '--no-audit', '--no-fund', `@types/node@${devDependencies['@types/node']}`])
  await writeFile(join(folder, 'consumer.ts'), CONSUMER)
  await writeFile(join(folder, 'wrong.ts'), WRONG)
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(CONSUMER_TSCONFIG))
  call(folder, process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', folder])
  report('types: the valid program compiles, the invalid lines do not')

  const types = join(folder, 'node_modules', 'imgproc', 'dist')
  const entries = ['index.d.ts', 'build-tools/vite/index.d.ts', 'build-tools/eleventy/index.d.ts']
  const imports = (await Promise.all(entries.map((entry) => packageImports(join(types, entry))))).flat()
  const foreign = imports.filter(({ from }) => !builtinModules.includes(from) && from !== 'sharp')
  const found = foreign.map(({ from, file }) => `\n  ${from} in ${relative(folder, file)}`)
  if (found.length > 0) throw new Error(`The published types import other packages:${found.join('')}`)
  report('types: they import only Node.js and sharp')
}

/** Returns the packages that a declaration file imports, directly or through its relative imports. */
async function packageImports(entry: string): Promise<{ from: string; file: string }[]> {
  const imports: { from: string; file: string }[] = []
  const files = new Set([entry])
  // The loop also visits files that are added during it.
  for (const file of files) {
    // Examples in comments import imgproc itself.
    const text = (await readFile(file, 'utf8')).replaceAll(/\/\*.*?\*\//gs, '')
    for (const [, from = ''] of text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*['"]([^'"]+)['"]/gm)) {
      if (from.startsWith('.')) files.add(resolve(dirname(file), from.replace(/\.js$/, '.d.ts')))
      else imports.push({ from: from.replace(/^node:/, ''), file })
    }
  }
  return imports
}

/**
 * Runs a command and returns its stdout.
 *
 * @throws Error with stdout and stderr if the command fails.
 */
function call(cwd: string, command: string, args: string[], env: Record<string, string> = {}): string {
  const { status, stdout, stderr, error } = run(cwd, command, args, env)
  if (status === 0) return stdout
  throw new Error(`${command} ${args.join(' ')} failed\n${stdout}${stderr}`, { cause: error })
}

function run(cwd: string, command: string, args: string[], env: Record<string, string>) {
  return spawnSync(command, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8' })
}

/** Reads a JSON file that this package or npm wrote. The caller gives its type. */
async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T
}

/** Returns the message of an error and of its causes. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}\n${messageOf(error.cause)}` : error.message
}

function expectEqual(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) throw new Error(`${what}: expected ${String(expected)}, got ${String(actual)}`)
}

function report(line: string): void {
  console.log(`ok: ${line}`)
}
