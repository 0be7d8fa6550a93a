import { execFile } from 'node:child_process'
import { mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp, { type OutputInfo } from 'sharp'
import { parse } from 'yaml'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pageUrl } from '../../scripts/docs.js'
import { presetSchema } from '../../src/config/schema.js'
import { parseOps } from '../../src/operations/parse-operations.js'
import { openDocumentProject, type DocumentProject } from '../support/documents.js'

const call = promisify(execFile)
const page = await readFile(pageUrl('docs/moving.md'), 'utf8')

interface Row {
  readonly task: string
  readonly theirs: string
  readonly ours: string
}

/** Returns the rows of the table below a heading. */
function rowsOf(heading: string): Row[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('| '))
  return lines.slice(2).map((line) => {
    const [, task = '', theirs = '', ours = ''] = line.split(/(?<!\\)\|/).map((cell) => cell.trim())
    return { task, theirs: unquote(theirs), ours: unquote(ours) }
  })
}

function unquote(cell: string): string {
  return /^`([^`]*)`/.exec(cell)?.[1] ?? cell
}

async function works(...words: readonly [string, string]): Promise<boolean> {
  return call(words[0], [words[1]]).then(
    ({ stdout }) => /^\d|ImageMagick/.test(stdout.trim().replace('Version: ', '')),
    () => false,
  )
}

const hasSharp = await works('sharp', '--version')
const hasMagick = await works('mogrify', '-version')

let project: DocumentProject

beforeAll(async () => {
  project = await openDocumentProject()
})
afterAll(() => project.remove())

/** Runs a command of imgproc, and returns the pictures that it has made. */
async function makeOurs(command: string): Promise<readonly string[]> {
  for (const folder of ['ours', 'theirs']) {
    await rm(join(project.folder, folder), { recursive: true, force: true })
    await mkdir(join(project.folder, folder))
  }
  await project.shell(`npx ${command}`)
  return listPictures('ours')
}

async function listPictures(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(project.folder, folder))
  return names.filter((name) => /\.(?:jpe?g|png|webp|avif)$/i.test(name)).toSorted()
}

/** Returns the mean difference of the pixels of two pictures, in levels, on white. */
async function compare(name: string): Promise<number> {
  const [a, b] = await Promise.all(
    ['ours', 'theirs'].map((folder) =>
      sharp(join(project.folder, folder, name))
        .toColourspace('srgb')
        .flatten({ background: 'white' })
        .raw()
        .toBuffer({ resolveWithObject: true }),
    ),
  )
  expect(pick(b!.info), name).toEqual(pick(a!.info))
  const sum = a!.data.reduce((total, level, at) => total + Math.abs(level - b!.data[at]!), 0)
  return sum / a!.data.length
}

function pick({ width, height }: OutputInfo) {
  return { width, height }
}

// Pictures in other colour spaces differ, as the page says.
const OTHER_COLOURS = new Set(['cmyk.jpg', 'display-p3.jpg'])

/** Mean difference of levels that encoders and filters of other programs cause. Without the program, only ours is run. */
describe.each([
  ['sharp-cli', hasSharp, 3],
  ['mogrify and convert', hasMagick, 4],
] as const)('%s', (tool, isThere, levels) => {
  const rows = rowsOf(tool)

  it('has a table', () => {
    expect(rows.length).toBeGreaterThan(10)
  })

  it.each(rows)('$task: $ours', async ({ theirs, ours }) => {
    expect(await makeOurs(ours)).not.toEqual([])
    if (!isThere) return
    await call('sh', ['-c', theirs], { cwd: project.folder })
    const names = await listPictures('theirs')
    expect(names).not.toEqual([])
    for (const name of names.filter((each) => !OTHER_COLOURS.has(each)))
      expect(await compare(name), name).toBeLessThan(levels)
  })
})

describe('squoosh-cli', () => {
  it.each(rowsOf('squoosh-cli'))('$task: $ours', async ({ ours }) => {
    expect(await makeOurs(ours)).not.toEqual([])
  })
})

describe('imagetools', () => {
  const presets = rowsOf('imagetools').flatMap(({ theirs }) => (theirs.startsWith('{') ? [theirs] : []))

  it('has presets', () => {
    expect(presets.length).toBeGreaterThan(6)
  })

  it.each(presets)('has a valid preset: %s', (text) => {
    const preset = presetSchema().parse(parse(text))
    expect(() => parseOps(preset.ops ?? [])).not.toThrow()
  })
})
