// Puts what is started as a process into few files: to find and link hundreds of modules takes longer than an image.
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown, type OutputChunk } from 'rolldown'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
// Two steps below the package's root, as src/utils/package-root.ts expects.
const FOLDER = 'dist/bin'
const ENTRIES = { main: 'dist/cli/main.js', 'worker-main': 'dist/run/worker-main.js' }

/** Native, large, or seldom needed: these are found among the installed packages. */
const EXTERNAL = [
  '@aws-sdk/client-s3',
  'blurhash',
  'chokidar',
  'cosmiconfig',
  'heic-decode',
  'jiti',
  'sharp',
  'ssim.js',
  'thumbhash',
]

const bundle = await rolldown({
  cwd: ROOT,
  input: ENTRIES,
  platform: 'node',
  external: EXTERNAL,
})
const { output } = await bundle.write({
  dir: FOLDER,
  format: 'es',
  entryFileNames: '[name].js',
  chunkFileNames: ({ isDynamicEntry }) => (isDynamicEntry ? '[name].js' : 'shared-[name].js'),
  // Readable, since users see its lines in stacks.
  minify: false,
})
await bundle.close()

const modules = output
  .filter((file): file is OutputChunk => file.type === 'chunk')
  .flatMap((chunk) => chunk.moduleIds)
await writeFile(join(ROOT, FOLDER, 'LICENSES.txt'), await licencesOf(packagesOf(modules)))

/** The folders of the packages that modules are of. */
function packagesOf(ids: readonly string[]): string[] {
  const folders = ids.map((id) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0])
  return [...new Set(folders.filter((folder) => folder !== undefined))].toSorted()
}

/** Their licences, which ask to be handed on with the code. */
async function licencesOf(folders: readonly string[]): Promise<string> {
  const notices = folders.map(async (folder) => {
    const file = (await readdir(folder)).find((name) => /^licen[cs]e/i.test(name))
    if (file === undefined) throw new Error(`${folder} has no licence file to hand on`)
    const { name } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { name: string } // npm's
    return `${name}\n\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`
  })
  return (await Promise.all(notices)).join(`\n${'-'.repeat(80)}\n\n`)
}
