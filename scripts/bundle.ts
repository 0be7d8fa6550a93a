// Bundles the library and the worker process into a few files, and the command into one: to find and link hundreds of modules
// takes longer than a small image. Packages of `dependencies` stay outside; those of `devDependencies` go in.
import { createHash } from 'node:crypto'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown, type InputOptions, type OutputChunk } from 'rolldown'
import { buildReportPage } from './report-page.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
// Two folders below the package's root, as src/utils/package-root.ts expects.
const FOLDER = 'dist/bundle'
const COMMAND = 'dist/cli/main.js'
const ENTRIES = {
  index: 'dist/index.js',
  'worker-main': 'dist/run/worker-main.js',
  http: 'dist/http/index.js',
  lambda: 'dist/http/lambda.js',
  queue: 'dist/queue/index.js',
  vite: 'dist/build-tools/vite/index.js',
  eleventy: 'dist/build-tools/eleventy/index.js',
}

/** Modules of Node.js that a run over local files does not use. Loading them takes longer than decoding a small image. */
const RARE = [
  'child_process',
  'dns',
  'http',
  'http2',
  'https',
  'net',
  'querystring',
  'stream/consumers',
  'worker_threads',
  'zlib',
]

interface Manifest {
  readonly dependencies: Record<string, string>
  readonly optionalDependencies: Record<string, string>
  readonly peerDependencies: Record<string, string>
}

// This package's own manifest.
const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(
  await readFile(join(ROOT, 'package.json'), 'utf8'),
) as Manifest

const bundled: InputOptions = {
  cwd: ROOT,
  platform: 'node',
  external: [dependencies, optionalDependencies, peerDependencies].flatMap((table) => Object.keys(table)),
}
const chunks = [...(await bundleLibrary()), ...(await bundleCommand())]
const modules = chunks.flatMap((chunk) => chunk.moduleIds)
await writeFile(join(ROOT, FOLDER, 'report.html'), await buildReportPage())
await writeFile(join(ROOT, FOLDER, 'LICENSES.txt'), await licencesOf(packagesOf(modules)))

/** Bundles the library, the worker process and the HTTP handlers, which share chunks. */
async function bundleLibrary(): Promise<readonly OutputChunk[]> {
  const bundle = await rolldown({ ...bundled, input: ENTRIES })
  const { output } = await bundle.write({
    dir: FOLDER,
    format: 'es',
    entryFileNames: '[name].js',
    chunkFileNames: ({ facadeModuleId }) =>
      facadeModuleId ? `${nameOf(facadeModuleId)}.js` : 'shared-[name].js',
    // Readable, since users see its lines in stack traces.
    minify: false,
  })
  await bundle.close()
  return output.filter((file) => file.type === 'chunk')
}

/**
 * Bundles the command into one CommonJS file, of which bin/node-20.cjs keeps the compiled code. Its first line is a hash of
 * the rest. It is ASCII, so that V8 takes a byte for each character. It requires packages that the sources import
 * dynamically, since saved code has no `import()`.
 */
async function bundleCommand(): Promise<readonly OutputChunk[]> {
  const bundle = await rolldown({ ...bundled, input: COMMAND })
  const { output } = await bundle.generate({
    format: 'cjs',
    codeSplitting: false,
    comments: false,
    dynamicImportInCjs: false,
    minify: false,
  })
  await bundle.close()
  const [{ code }] = output
  const ascii = requireLate(code).replace(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  const hash = createHash('sha256').update(ascii).digest('hex').slice(0, 16)
  await writeFile(join(ROOT, FOLDER, 'command.cjs'), `// ${hash}\n${ascii}`)
  return output.filter((file) => file.type === 'chunk')
}

/** Makes the command load rare modules of Node.js when they are first used. The bundler loads all of them at the start. */
function requireLate(code: string): string {
  return RARE.reduce(requireModuleLate, requireLateInCommander(code))
}

function requireModuleLate(changed: string, module: string): string {
  const name = `node_${module.replace('/', '_')}`
  const declared = `let ${name} = require("node:${module}");\n`
  const converted = `${name} = __toESM(${name}, 1);\n`
  if (!changed.includes(declared)) throw new Error(`the command no longer requires node:${module}`)
  const isConverted = changed.includes(converted)
  const loaded = isConverted ? `__toESM(require("node:${module}"), 1)` : `require("node:${module}")`
  return changed
    .replace(converted, '')
    .replace(declared, `let ${name}$loaded;\nconst ${name}$ = () => ${name}$loaded ??= ${loaded};\n`)
    .replaceAll(new RegExp(`\\b${name}\\b(?!\\$)`, 'g'), `(${name}$())`)
}

/** Commander, which is CommonJS, requires a module itself that it uses for commands in files of their own. */
function requireLateInCommander(code: string): string {
  const declared = 'const childProcess = require("node:child_process");\n'
  if (!code.includes(declared)) throw new Error('commander no longer requires node:child_process')
  return code.replace(declared, '').replaceAll('childProcess.', 'require("node:child_process").')
}

/** Names a chunk after its module: `stores-s3-store` for dist/stores/s3/store.js. */
function nameOf(module: string): string {
  return relative(join(ROOT, 'dist'), module).replace(/\.js$/, '').replaceAll(sep, '-')
}

/** Returns the folders of the packages that the modules belong to. */
function packagesOf(ids: readonly string[]): string[] {
  const folders = ids.map((id) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0])
  return [...new Set(folders.filter((folder) => folder !== undefined))].toSorted()
}

/** Returns the licences of packages, which have to be passed on with their code. */
async function licencesOf(folders: readonly string[]): Promise<string> {
  const notices = folders.map(async (folder) => {
    const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name))
    if (file === undefined) throw new Error(`${folder} has no licence file to pass on`)
    const { name } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { name: string } // npm's
    return `${name}\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`
  })
  return (await Promise.all(notices)).join(`\n${'-'.repeat(80)}\n\n`)
}
