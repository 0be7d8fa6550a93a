// Bundles the library, the command and the worker process into a few files: to find and link hundreds of modules takes
// longer than a small image. Packages of `dependencies` stay outside; those of `devDependencies` go in.
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown, type OutputChunk } from 'rolldown'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
// Two folders below the package's root, as src/utils/package-root.ts expects.
const FOLDER = 'dist/bundle'
const ENTRIES = {
  index: 'dist/index.js',
  main: 'dist/cli/main.js',
  'worker-main': 'dist/run/worker-main.js',
}

interface Manifest {
  readonly dependencies: Record<string, string>
  readonly optionalDependencies: Record<string, string>
}

// This package's own manifest.
const { dependencies, optionalDependencies } = JSON.parse(
  await readFile(join(ROOT, 'package.json'), 'utf8'),
) as Manifest

const bundle = await rolldown({
  cwd: ROOT,
  input: ENTRIES,
  platform: 'node',
  external: [...Object.keys(dependencies), ...Object.keys(optionalDependencies)],
})
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

const modules = output
  .filter((file): file is OutputChunk => file.type === 'chunk')
  .flatMap((chunk) => chunk.moduleIds)
await writeFile(join(ROOT, FOLDER, 'LICENSES.txt'), await licencesOf(packagesOf(modules)))

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
