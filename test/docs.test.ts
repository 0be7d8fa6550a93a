import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const call = promisify(execFile)
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const README = await readFile(join(ROOT, 'README.md'), 'utf8')

interface Block {
  readonly language: string
  readonly code: string
}

const blocks: Block[] = [...README.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
  .map(([, language = '', code = '']) => ({ language, code }))
  // These two are what .ci/run does on a clean clone.
  .filter(({ code }) => !code.startsWith('npm ci'))

let folder: string

/** A project of a stranger: the package installed, and some photos. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imgproc-docs-'))
  await mkdir(join(folder, 'node_modules/.bin'), { recursive: true })
  await symlink(ROOT, join(folder, 'node_modules/imgproc'))
  await symlink('../imgproc/bin/imgproc.cjs', join(folder, 'node_modules/.bin/imgproc'))
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  await cp(join(ROOT, 'fixtures/photos'), join(folder, 'photos'), { recursive: true })
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the README', () => {
  // In their order: the config is there for the commands behind it.
  it.each(blocks)('says what works: $code', async ({ language, code }) => {
    if (language === 'yaml' || language === 'js') {
      const [, name = ''] = /^(?:#|\/\/) (\S+)/.exec(code) ?? []
      await writeFile(join(folder, name), code)
    } else if (language === 'sh') {
      for (const command of code.split('\n').filter((line) => line !== '')) await shell(command)
    } else if (language === 'ts') {
      await writeFile(join(folder, 'example.mjs'), code)
      await call(process.execPath, ['example.mjs'], { cwd: folder })
    } else {
      throw new Error(`nothing runs ${language} here`)
    }
    // What failed has thrown; files that examples write are there.
    expect(await readdir(folder)).toContain('photos')
  })

  it('has examples that compile', async () => {
    const examples = blocks.filter(({ language }) => language === 'ts')
    const files = examples.map((_, index) => `example-${index}.ts`)
    for (const [index, { code }] of examples.entries()) await writeFile(join(folder, files[index]!), code)
    const compilerOptions = {
      target: 'es2023',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
    await expect(call(process.execPath, [tsc, '-p', folder])).resolves.toMatchObject({ stdout: '' })
  })

  it('gives the output that its example promises', async () => {
    const [, promised = ''] = /\/\/ (UNKNOWN_OPERATION .*)/.exec(README) ?? []
    const example = blocks.find(({ code }) => code.includes(promised))
    await writeFile(join(folder, 'example.mjs'), example?.code ?? '')
    const { stdout } = await call(process.execPath, ['example.mjs'], { cwd: folder })
    expect(stdout.trim()).toBe(promised)
  })
})

async function shell(command: string): Promise<void> {
  await call('sh', ['-c', command], { cwd: folder })
}
