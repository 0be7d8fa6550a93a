import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { builtInAnalyzers } from '../../src/analyzers/load-analyzers.js'
import { analyze } from '../../src/analyzers/run-analyzers.js'
import { fixture, open } from '../support/pictures.js'

const FOLDER = fileURLToPath(new URL('../../src/analyzers/builtin', import.meta.url))
const PHOTOS = fileURLToPath(new URL('../../fixtures/photos', import.meta.url))

const files = await readdir(FOLDER)
const photos = (await readdir(PHOTOS, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(PHOTOS.length + 1)
      .replaceAll('\\', '/'),
  )
  // HEIC is decoded to PNG before analysis.
  .filter((photo) => !photo.endsWith('.heic'))
const names = builtInAnalyzers.map(({ name }) => name)

describe('analyzer registry', () => {
  it('contains every analyzer of the folder, named after its file', async () => {
    const found: string[] = []
    for (const file of files) {
      const module: Record<string, unknown> = await import(join(FOLDER, file))
      const analyzers = Object.entries(module).filter(
        ([, value]) => Object(value) === value && 'analyze' in Object(value),
      )
      for (const [name, value] of analyzers) {
        expect(value).toHaveProperty('name', name)
        expect(basename(file, '.ts')).toBe(name)
        expect(builtInAnalyzers).toContain(value)
        found.push(name)
      }
    }
    expect(found.toSorted()).toEqual(names)
  })

  it.each(builtInAnalyzers)('has a summary of $name of one sentence', ({ summary }) => {
    expect(summary).toMatch(/^[A-Z][^.]+.*\.$/)
  })
})

describe.each([...photos.map((photo) => `photos/${photo}`), 'odd/one-pixel.png', 'odd/wide.png'])(
  'included analyzers, for %s',
  (file) => {
    it('return the same JSON each time and do not change the bytes', async () => {
      const bytes = await fixture(file)
      const before = Buffer.from(bytes)
      const image = await open(bytes)
      const { analysis, errors } = await analyze(image, builtInAnalyzers)
      expect(errors).toEqual([])
      expect(Object.keys(analysis)).toEqual(names)
      expect(JSON.parse(JSON.stringify(analysis))).toEqual(analysis)
      const again = await analyze(await open(bytes), builtInAnalyzers.toReversed())
      expect(again.analysis).toEqual(analysis)
      expect(bytes.equals(before)).toBe(true)
    })
  },
)
