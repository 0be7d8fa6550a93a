// Makes WebAssembly of src/jpeg/assembly: `npm run assemble` after a change there. A test says when it is stale.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SOURCE = 'src/jpeg/assembly/main.ts'
const MADE = 'src/jpeg/workers/wasm.generated.ts'

/** Pages of 64 KiB: what the largest file takes, and the picture that is made of it. Untouched ones cost nothing. */
const PAGES = 544
const FLAGS = [
  ['-O3', '--runtime', 'stub', '--noAssert', '--use', 'abort=', '--enable', 'simd', '--enable', 'threads'],
  ['--importMemory', '--sharedMemory', '--initialMemory', `${PAGES}`, '--maximumMemory', `${PAGES}`],
].flat()

/** The module that holds the WebAssembly, as text. */
export function assemble(): string {
  const folder = mkdtempSync(join(tmpdir(), 'imgproc-wasm-'))
  try {
    const made = join(folder, 'jpeg.wasm')
    const compiler = join(ROOT, 'node_modules/assemblyscript/bin/asc.js')
    execFileSync(process.execPath, [compiler, SOURCE, '-o', made, ...FLAGS], { cwd: ROOT, stdio: 'pipe' })
    const lines = readFileSync(made)
      .toString('base64')
      .match(/.{1,100}/g)
    const literals = (lines ?? []).map((line) => `  '${line}'`).join(' +\n')
    const head = '// Made by `npm run assemble` from assembly.\n/** Of 64 KiB. */'
    return `${head}\nexport const JPEG_PAGES = ${PAGES}\nexport const JPEG_WASM =\n${literals}\n`
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(ROOT, MADE), assemble())
