import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toEntry } from '../../src/manifest/update-entry.js'
import { joinEntries, oldestTool } from '../../src/manifest/join-manifests.js'
import type { ManifestEntry, ManifestTool } from '../../src/manifest/types.js'
import { failed, failure, manifest, paths, result, skipped, written } from './results.js'

function join(...parts: (readonly ManifestEntry[])[]): readonly ManifestEntry[] {
  return joinEntries(parts.map(manifest))
}

/** Matches the error of manifests that contradict each other, with these lines and nothing else. */
function contradiction(...lines: string[]): unknown {
  return expect.objectContaining({
    code: 'OUTPUT_COLLISION',
    stage: 'plan',
    message: [
      'The manifests contradict each other, so none was written:',
      ...lines.map((line) => `  ${line}`),
      'Leave out the manifest that is out of date, or run all shards again.',
    ].join('\n'),
  })
}

const thumb = toEntry(result('a.png', [written('thumb', 'a.thumb.webp')]))
const web = toEntry(result('a.png', [written('web', 'a.web.webp')]))

describe('joinEntries', () => {
  it('sorts the entries of all manifests', () => {
    const [a, b, c] = ['a.png', 'b.png', 'c.png'].map((name) =>
      toEntry(result(name, [written('web', `${name}.webp`)])),
    )
    expect(join([b!], [c!, a!])).toEqual([a, b, c])
    expect(join()).toEqual([])
  })

  it('joins the presets of a source, sorted, and lists what both have once', () => {
    expect(join([web], [thumb])).toEqual([
      toEntry(result('a.png', [written('thumb', 'a.thumb.webp'), written('web', 'a.web.webp')])),
    ])
    expect(join([web], [web], [web])).toEqual([web])
  })

  it('has what either knows of a source, its analysis and its unknown keys', () => {
    const header = toEntry(result('a.png', [written('web', 'a.web.webp')], { source: { bytes: 9 } }))
    const [both] = join(
      [{ ...header, analysis: { entropy: 3 } }],
      [Object.assign({ tags: ['mine'] }, thumb, { analysis: { thumbhash: 'x' } })],
    )
    expect(both).toMatchObject({
      source: thumb.source,
      analysis: { entropy: 3, thumbhash: 'x' },
      tags: ['mine'],
    })
    expect(join([web], [thumb])[0]).not.toHaveProperty('analysis')
  })

  it('sets the status of all outputs together', () => {
    const broken = toEntry(result('a.png', [failed('hero', 'a.{ext}')]))
    const small = toEntry(result('a.png', [skipped('hero', 'small')]))
    const large = toEntry(result('a.png', [skipped('wide', 'large')]))
    expect(join([broken], [web])).toMatchObject([{ status: 'partial' }])
    expect(join([small], [broken])).toMatchObject([{ status: 'failed' }])
    expect(join([small], [large])).toMatchObject([{ status: 'skipped', reason: 'small' }])
    expect(join([large], [{ ...small, reason: 'equal' }])).toMatchObject([{ reason: 'large' }])
    for (const parts of [
      [web, small],
      [small, web],
    ]) {
      const [entry] = join(...parts.map((part) => [part]))
      expect(entry).toMatchObject({ status: 'ready' })
      expect(entry).not.toHaveProperty('reason')
    }
  })

  it('takes the reason of a skipped source from whichever entry has it', () => {
    const small = toEntry(result('a.png', [skipped('hero', 'small')]))
    const { reason: _, ...silent } = small
    expect(join([silent], [small])).toEqual([small])
    expect(join([silent], [silent])).toEqual([silent])
  })

  it('keeps the error of a source that one shard could not read', () => {
    const unread = toEntry(failure('a.png', ['thumb']))
    expect(join([web], [unread])).toMatchObject([{ status: 'partial', error: unread.error }])
  })

  it.each<[string, Partial<ManifestEntry['source']>]>([
    ['size', { bytes: 10 }],
    ['hash', { hash: 'sha256:02' }],
  ])('refuses entries of a source whose %s changed between the runs', (_, other) => {
    const changed = { ...thumb, source: { ...thumb.source, ...other } }
    expect(() => join([web], [changed])).toThrow(contradiction('a.png: the source changed between the runs'))
  })

  it('accepts entries of a source whose size or hash only one knows', () => {
    const unknown = { ...thumb, source: { path: 'a.png' } }
    expect(join([web], [unknown])).toMatchObject([{ source: web.source }])
    expect(join([unknown], [web])).toMatchObject([{ source: web.source }])
  })

  it('refuses different outputs of one preset, and names each preset once', () => {
    const two = [written('web', 'a-1.webp', 1), written('web', 'a-2.webp', 2)]
    const small = toEntry(result('a.png', [...two, written('thumb', 'a.thumb.webp')]))
    const other = toEntry(result('a.png', [written('web', 'a-3.webp', 3), written('thumb', 'a.thumb.webp')]))
    expect(() => join([small], [other])).toThrow(contradiction('a.png (web): its outputs differ'))
  })

  it('refuses a path that two sources list, compared as on a disk', () => {
    const a = toEntry(result('a.png', [written('web', 'x.webp'), failed('thumb', 'y.webp')]))
    const b = toEntry(result('b.png', [written('web', 'X.webp'), written('hero', 'y.webp')]))
    expect(() => join([b], [a])).toThrow(contradiction('X.webp: made from a.png and from b.png'))
  })

  it('accepts a path that one source lists twice', () => {
    const twice = toEntry(result('a.png', [written('hero', 'a.web.webp')]))
    expect(join([web], [twice]).map(paths)).toEqual([['a.web.webp', 'a.web.webp']])
  })

  it.each([
    [10, []],
    [11, ['… and 1 more']],
    [14, ['… and 4 more']],
  ])('lists the first ten of %i contradictions, and counts the others', (count, more) => {
    const parts = ['sha256:01', 'sha256:02'].map((hash) =>
      Array.from({ length: count }, (_, index) =>
        toEntry(result(`${index}.png`, [], { source: { bytes: 9, hash } })),
      ),
    )
    const listed = Array.from({ length: 10 }, (_, at) => `${at}.png: the source changed between the runs`)
    expect(() => join(...parts)).toThrow(contradiction(...listed, ...more))
  })

  it('gives the same entries in whatever order the manifests are', () => {
    const path = fc.constantFrom('a.png', 'b.png', 'c.png')
    const preset = fc.constantFrom('thumb', 'web', 'hero', 'wide')
    const part = fc
      .uniqueArray(fc.tuple(path, preset), { selector: ([from]) => from, maxLength: 3 })
      .map((each) => each.map(([from, name]) => toEntry(result(from, [written(name, `${from}.${name}`)]))))
    const parts = fc.array(part, { maxLength: 5 })
    const shuffled = parts.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    )
    fc.assert(
      fc.property(shuffled, ([all, others]) => {
        expect(join(...others)).toEqual(join(...all))
      }),
    )
  })
})

describe('oldestTool', () => {
  const tool = (sharp: string, libvips: string, version: string): ManifestTool => ({
    name: 'imgproc',
    version,
    sharp,
    libvips,
  })

  it.each([
    ['sharp, by number', tool('0.9.0', '8.18.0', '2.0.0'), tool('0.35.0', '8.17.0', '1.0.0')],
    ['libvips, if sharp is the same', tool('0.35.0', '8.9.3', '2.0.0'), tool('0.35.0', '8.17.0', '1.0.0')],
    ['imgproc, if those are the same', tool('0.35.0', '8.17.0', '0.2.0'), tool('0.35.0', '8.17.0', '0.10.0')],
  ])('compares %s', (_, older, newer) => {
    expect(oldestTool([older, newer])).toBe(older)
    expect(oldestTool([newer, older])).toBe(older)
  })

  it('returns nothing of no tools', () => {
    expect(oldestTool([])).toBeUndefined()
  })
})
