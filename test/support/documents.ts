import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const call = promisify(execFile)
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A fenced block of code. */
export interface Block {
  readonly language: string
  readonly code: string
}

/** Returns the fenced blocks of a document that have a language, in order. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', code = '']) => ({
    language,
    code,
  }))
}

/** Reads the blocks of a page, such as `docs/cli.md`. */
export async function readBlocks(page: string): Promise<Block[]> {
  return blocksOf(await readFile(join(ROOT, page), 'utf8'))
}

/** Returns the file that the comment in the first line of a block names, if it names one. */
export function fileOf({ code }: Block): string | undefined {
  return /^(?:#|\/\/) (\S+\.\w+)\n/.exec(code)?.[1]
}

/** A user's project: the package is installed, and there are some photos. */
export interface DocumentProject {
  readonly folder: string
  /** Runs every line of a shell block and returns what they printed to stdout. */
  shell(code: string): Promise<string>
  /** Runs a TypeScript block that has no type annotations, and returns what it printed. */
  script(code: string): Promise<string>
  /** Writes a block to the file that its first line names, in the folder of the project. */
  save(file: string, code: string): Promise<void>
  /** Compiles TypeScript blocks in strict mode. Throws if one has an error. */
  compile(examples: readonly string[]): Promise<void>
  remove(): Promise<void>
}

/** Creates a project for the examples of a document. */
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
      let printed = ''
      for (const command of code.split('\n').filter((line) => line !== ''))
        printed += (await call('sh', ['-c', command], { cwd: folder })).stdout
      return printed
    },
    async script(code) {
      await writeFile(join(folder, 'example.mjs'), code)
      return (await call(process.execPath, ['example.mjs'], { cwd: folder })).stdout
    },
    async save(file, code) {
      await mkdir(dirname(join(folder, file)), { recursive: true })
      await writeFile(join(folder, file), code)
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
