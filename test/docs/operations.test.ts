import { readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { INPUTS } from '../../scripts/formats-doc.js'
import { operationsPage, PAGE } from '../../scripts/operations-doc.js'
import { drawOverview, OVERVIEW_FILE } from '../../scripts/overview-picture.js'
import { FACTS_FILE, fileOf, PICTURES, readFacts } from '../../scripts/picture-facts.js'
import { difference, drawPictures, TOLERANCE, type Pictures } from '../../scripts/pictures.js'
import { FORMATS } from '../../src/image/output-formats.js'
import { operations, parseOp, parseOps } from '../../src/operations/parse-operations.js'
import { transform } from '../../src/transform.js'
import { blocksOf, openDocumentProject, type DocumentProject } from '../support/documents.js'
import { meaningOf } from '../support/inputs.js'

const page = await readFile(PAGE, 'utf8')
const blocks = blocksOf(page)
const named = [...page.matchAll(/\]\(pictures\/([^)]+)\)/g)].map(([, file = '']) => file)
const sectionOf = (name: string): string =>
  page.split(/^### /m).find((part) => part.startsWith(`${name}\n`)) ?? ''

let project: DocumentProject
let fresh: Pictures

beforeAll(async () => {
  project = await openDocumentProject()
  fresh = await drawPictures()
})

afterAll(() => project.remove())

describe('docs/operations.md', () => {
  it('is up to date with `npm run generate`', async () => {
    expect(await operationsPage()).toBe(page)
  })

  it.each(operations)('has a section on $name and a link to it', ({ name, summary }) => {
    expect(sectionOf(name)).toContain(summary)
    expect(page).toContain(`[${name}](#${name.toLowerCase()})`)
  })

  it.each(blocks.filter(({ language }) => language === 'sh'))(
    'has a command that runs: $code',
    async ({ code }) => {
      await expect(project.shell(code)).resolves.toBe('')
    },
  )

  it.each(blocks.filter(({ language }) => language === 'yaml'))('has valid YAML: $code', ({ code }) => {
    for (const item of parse(code) as unknown[]) expect(parseOps([item])).toEqual([item]) // each block is a list
  })

  it.each(operations)('gives $name the same meaning in a URL as in a flag', ({ name }) => {
    const [, flag = '', url = ''] =
      /As a flag `--[a-z-]+[= ]?(.*?)`, in a URL `(.*?)`/.exec(sectionOf(name)) ?? []
    const { searchParams } = new URL(url, 'http://host/')
    const [fromUrl, fromFlag] = [searchParams.get(name) ?? '', flag.replaceAll("'", '') || 'true']
    expect(meaningOf(parseOp(name, fromUrl))).toEqual(meaningOf(parseOp(name, fromFlag)))
  })

  it('has code that compiles and runs', async () => {
    const examples = blocks.filter(({ language }) => language === 'ts').map(({ code }) => code)
    await project.compile(examples)
    for (const code of examples) expect(await project.script(code)).toContain('webp 200 150')
  })

  it.each(INPUTS)('lists %s as an input format that transform reads', async (name, photo) => {
    const { info } = await transform(new URL(`../../fixtures/photos/${photo}`, import.meta.url), [
      { thumbnail: 20 },
    ])
    expect(Math.max(info.width, info.height)).toBe(20)
    expect(info.pages ?? 1).toBe(photo.startsWith('animated') ? 6 : 1)
    expect(page).toMatch(new RegExp(`^\\| ${name} +\\|`, 'm'))
  })

  it.each(Object.keys(FORMATS))('has the size of one photo as %s', (type) => {
    expect(readFacts().formats[type]).toBeGreaterThan(0)
    expect(page).toMatch(new RegExp(`^\\| \`${type}\` .* KB +\\|$`, 'm'))
  })

  it('has the metadata that each setting keeps', () => {
    expect(readFacts().kept).toEqual(fresh.facts.kept)
  })
})

describe('docs/pictures', () => {
  it('holds the pictures of the page and of the README, and no others', async () => {
    expect((await readdir(PICTURES)).toSorted()).toEqual([...named, OVERVIEW_FILE, FACTS_FILE].toSorted())
  })

  // If one of these fails, run `npm run docs`.
  it(`shows in ${OVERVIEW_FILE} the renditions of today`, async () => {
    const committed = await readFile(new URL(OVERVIEW_FILE, PICTURES))
    expect(await difference(committed, await drawOverview())).toBeLessThanOrEqual(TOLERANCE)
  })

  it.each(named)('shows in %s the output of the command of today', async (file) => {
    const committed = await readFile(new URL(file, PICTURES))
    expect(await difference(committed, fresh.files.get(file)!)).toBeLessThanOrEqual(TOLERANCE)
  })

  it.each(Object.entries(readFacts().pairs))('has the sizes of %s in pixels', (name, { before, after }) => {
    expect(fresh.facts.pairs[name]).toMatchObject({ before: sizeOf(before), after: sizeOf(after) })
  })

  // No photo of the docs shows a face, so that redact leaves them as they are.
  it.each(operations.filter(({ kind, name }) => kind === 'pixels' && name !== 'redact'))(
    'shows a difference for $name',
    async ({ name }) => {
      const [before, after] = (['before', 'after'] as const).map((side) =>
        fresh.files.get(fileOf(name, side))!,
      )
      // Infinity if the sizes differ.
      expect(await difference(before!, after!)).toBeGreaterThan(4)
      expect(named).toContain(fileOf(name, 'after'))
    },
  )
})

function sizeOf({ width, height }: { width: number; height: number }): { width: number; height: number } {
  return { width, height }
}
