import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { runHere } from '../cli/in-process.js'

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
  return /^(?:#|\/\/|<!--) (\S+\.\w+)(?: -->)?\n/.exec(code)?.[1]
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
  // A HEIC takes a second to decode, and there are a hundred commands.
  const filter = (path: string) => !path.endsWith('.heic')
  await cp(join(ROOT, 'fixtures/photos'), join(folder, 'photos'), { recursive: true, filter })
  return {
    folder,
    async shell(code) {
      let printed = ''
      for (const command of code.split('\n').filter((line) => line !== ''))
        printed += await runLine(folder, command)
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

/** A line that is one call of the command, without pipes, redirections, variables or substitutions. */
const PLAIN_CALL = /^npx imgproc(?: [^|<>;&$`]*)?$/

/** Runs a line of a shell block. Returns what it printed to stdout, and throws if it fails. */
async function runLine(folder: string, line: string): Promise<string> {
  if (PLAIN_CALL.test(line)) {
    const ended = await runHere(folder, process.env, await splitWords(folder, line))
    if (ended !== undefined) {
      if (ended.code !== 0) throw new Error(`${line}: exit ${ended.code}\n${ended.stderr}`)
      return ended.stdout
    }
  }
  // npx takes half a second to start the same file.
  const command = line.replaceAll('npx ', 'node_modules/.bin/')
  return (await call('sh', ['-c', command], { cwd: folder })).stdout
}

/** Returns the words that a shell passes to the command: without quotes and comments. */
async function splitWords(folder: string, line: string): Promise<string[]> {
  const script = `npx() { shift; printf '%s\\0' "$@"; }; ${line}`
  return (await call('sh', ['-c', script], { cwd: folder })).stdout.split('\0').slice(0, -1)
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
