import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defineAnalyzer } from '../../src/analyzers/define-analyzer.js'
import { loadAnalyzers } from '../../src/analyzers/load-analyzers.js'
import { find, plain } from './find.js'

let root: string

const FILES: Record<string, string> = {
  'one.mjs': "export default { name: 'x', summary: 'One.', analyze: () => 1 }",
  'analyzers/two.js': "module.exports = { name: 'two', summary: 'Two.', analyze: () => 2 }",
  'three.cjs': "exports.three = { name: 'three', summary: 'Three.', analyze: () => 3 }",
  'four.ts':
    "interface Found { readonly four: number }\nexport default { name: 'four', summary: 'Four.', analyze: (): Found => ({ four: 4 }) }",
  'five.mts': "export const five = { name: 'five', summary: 'Five.', analyze: async () => 5 }",
  'node_modules/six/package.json':
    '{ "name": "six", "type": "module", "exports": { "import": "./main.js" } }',
  'node_modules/six/main.js': "export default { name: 'six', summary: 'Six.', analyze: () => 6 }",
  'function.mjs': 'export default () => 7',
  'nothing.ts': 'export const answer: number = 42',
  'throws.mjs': "throw new Error('No model in this folder.')",
  'needs.mjs': "import 'not-installed-here'\nexport default {}",
  'syntax.ts': 'export default {',
}

async function write(file: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true })
  await writeFile(join(root, file), content)
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'imgproc-analyzers-'))
  for (const [file, content] of Object.entries(FILES)) await write(file, content)
})

afterAll(() => rm(root, { recursive: true, force: true }))

/** Returns the message of the error for a module. */
async function problemOf(specifier: string): Promise<string> {
  const error: unknown = await loadAnalyzers(['mine'], { mine: specifier }, root).catch(
    (error: unknown) => error,
  )
  expect(error).toMatchObject({ name: 'ImgprocError', code: 'INVALID_CONFIG', stage: 'config' })
  return error instanceof Error ? error.message : ''
}

describe('loadAnalyzers', () => {
  it('returns included analyzers in the requested order, without duplicates', async () => {
    const analyzers = await loadAnalyzers(['palette', 'blurhash', 'palette'], {}, root)
    expect(analyzers.map(({ name }) => name)).toEqual(['palette', 'blurhash'])
  })

  it.each([
    ['one', './one.mjs', 1],
    ['two', 'analyzers/two.js', 2],
    ['three', './three.cjs', 3],
    ['four', 'four.ts', { four: 4 }],
    ['five', './five.mts', 5],
    ['six', 'six', 6],
  ])('loads %s from %s under its registered name', async (name, specifier, found) => {
    const [analyzer] = await loadAnalyzers([name], { [name]: specifier }, root)
    expect(analyzer?.name).toBe(name)
    expect(await find(analyzer!, plain('red'))).toEqual(found)
  })

  it('accepts an analyzer object, which replaces the included one of the same name', async () => {
    const palette = defineAnalyzer({ name: 'any', summary: 'Mine.', analyze: () => 'mine' })
    const [analyzer] = await loadAnalyzers(['palette'], { palette }, root)
    expect(await find(analyzer!, plain('red'))).toBe('mine')
  })

  it('keeps the state of an analyzer that is a class instance', async () => {
    class Counter {
      readonly name = 'count'
      readonly summary = 'Counts.'
      #count = 0
      analyze() {
        return ++this.#count
      }
    }
    const [analyzer] = await loadAnalyzers(['calls'], { calls: new Counter() }, root)
    expect([await find(analyzer!, plain('red')), await find(analyzer!, plain('red'))]).toEqual([1, 2])
  })

  it.each(['thumbhsh', 'constructor'])('lists the available analyzers if %s is unknown', async (name) => {
    await expect(loadAnalyzers([name], { faces: './faces.ts' }, root)).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringMatching(
        new RegExp(
          `^There is no analyzer "${name}"\\..* Available analyzers: blurhash, .*, thumbhash, faces, moderation, objects\\.`,
        ),
      ),
    })
  })

  it('suggests the nearest name for a misspelt one', async () => {
    const guess = loadAnalyzers(['thumbhsh'], {}, root)
    await expect(guess).rejects.toThrow('Did you mean "thumbhash"?')
    await expect(loadAnalyzers(['face'], { faces: 'x' }, root)).rejects.toThrow('Did you mean "faces"?')
  })

  it.each(['./missing.ts', 'missing-package', '/missing/absolute.js'])(
    'rejects the missing module %s',
    async (specifier) => {
      expect(await problemOf(specifier)).toBe(
        `The analyzer "mine": there is no ${specifier}, neither as a file in ${root} nor as an installed package.`,
      )
    },
  )

  it.each(['./function.mjs', './nothing.ts'])(
    'rejects %s without an analyzer, with a working example',
    async (file) => {
      const message = await problemOf(file)
      expect(message).toContain(`The analyzer "mine": ${file} exports no analyzer`)
      const [, example = ''] = /(export default .*)$/.exec(message) ?? []
      await write('example.mjs', example)
      const [analyzer] = await loadAnalyzers(['frames'], { frames: './example.mjs' }, root)
      expect(await find(analyzer!, plain('red'))).toBe(1)
    },
  )

  it.each([
    ['./throws.mjs', 'No model in this folder.'],
    ['./needs.mjs', 'not-installed-here'],
    ['./syntax.ts', 'Unexpected token'],
  ])('reports why %s failed to load', async (file, reason) => {
    const message = await problemOf(file)
    expect(message).toContain(`The analyzer "mine": ${file} failed when it was loaded: `)
    expect(message).toContain(reason)
  })

  it('loads the example of defineAnalyzer', async () => {
    const source = await readFile(new URL('../../src/analyzers/define-analyzer.ts', import.meta.url), 'utf8')
    const [, example = ''] = /```ts\n(.*?) \* ```/s.exec(source) ?? []
    await write('analyzers/brightness.ts', example.replaceAll(/^ \* ?/gm, ''))
    await write(
      'node_modules/imgproc/package.json',
      '{ "name": "imgproc", "type": "module", "main": "main.js" }',
    )
    await write('node_modules/imgproc/main.js', 'export const defineAnalyzer = (analyzer) => analyzer')
    const [analyzer] = await loadAnalyzers(['light'], { light: './analyzers/brightness.ts' }, root)
    expect(await find(analyzer!, plain('#406080').removeAlpha())).toBe((0x40 + 0x60 + 0x80) / 3)
  })
})
