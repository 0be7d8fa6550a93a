import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const call = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block of code. */
export interface Block {
  readonly language: string
  readonly code: string
}

/** The fenced blocks of a document, in their order. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({
    language,
    code,
  }))
}

/** A project of a stranger: the package installed, and some photos. */
export interface DocumentProject {
  readonly folder: string
  /** Runs every line of a shell block. */
  shell(code: string): Promise<void>
  /** Runs a TypeScript block whose types can be left out, and returns what it printed. */
  script(code: string): Promise<string>
  /** Compiles TypeScript blocks, strictly; throws where one has an error. */
  compile(examples: readonly string[]): Promise<void>
  remove(): Promise<void>
}

/** Makes a project for the examples of a document. */
export async function openDocumentProject(): Promise<DocumentProject> {
  const folder = await mkdtemp(join(tmpdir(), 'imgproc-docs-'))
  await mkdir(join(folder, 'node_modules/.bin'), { recursive: true })
  await symlink(ROOT, join(folder, 'node_modules/imgproc'))
  await symlink('../imgproc/bin/imgproc.cjs', join(folder, 'node_modules/.bin/imgproc'))
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  await cp(join(ROOT, 'fixtures/photos'), join(folder, 'photos'), { recursive: true })
  return {
    folder,
    async shell(code) {
      for (const command of code.split('\n').filter((line) => line !== '')) {
        await call('sh', ['-c', command], { cwd: folder })
      }
    },
    async script(code) {
      await writeFile(join(folder, 'example.mjs'), code)
      return (await call(process.execPath, ['example.mjs'], { cwd: folder })).stdout
    },
    compile: (examples) => compile(folder, examples),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function compile(folder: string, examples: readonly string[]): Promise<void> {
  const files = examples.map((_, index) => `example-${index}.ts`)
  for (const [index, code] of examples.entries()) await writeFile(join(folder, files[index]!), code)
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
  }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  await call(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder])
}
