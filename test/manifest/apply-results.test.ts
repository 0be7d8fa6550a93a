import { describe, expect, it } from 'vitest'
import { toEntry } from '../../src/manifest/apply-results.js'
import type { ErrorRecord } from '../../src/errors.js'
import { corrupt, failed, failure, paths, result, skipped, written, mergeEntries } from './results.js'

describe('toEntry', () => {
  it('keeps written and failed outputs, with the status partial', () => {
    const entry = toEntry(
      result('a.png', [written('web', 'a.webp'), failed('thumb', 'a.{ext}'), skipped('hero', 'small')]),
    )
    expect(entry.status).toBe('partial')
    expect(entry.outputs).toEqual([
      { preset: 'thumb', status: 'failed', path: 'a.{ext}', recipe: 'r', error: corrupt },
      expect.objectContaining({
        preset: 'web',
        status: 'ready',
        path: 'a.webp',
        width: 100,
        recipe: 'r-100',
      }),
    ])
    expect(entry.outputs[1]).not.toHaveProperty('action')
  })

  it('sets each of the four statuses', () => {
    expect(toEntry(result('a', [written('web', 'a.webp'), skipped('hero', 'small')])).status).toBe('ready')
    expect(toEntry(result('a', [failed('web', 'a.webp')])).status).toBe('failed')
    expect(toEntry(failure('a', ['web']))).toMatchObject({
      source: { path: 'a' },
      status: 'failed',
      error: corrupt,
    })
    const entry = toEntry(result('a', [skipped('web', 'z'), skipped('hero', 'b'), skipped('thumb', 'z')]))
    expect(entry).toMatchObject({ status: 'skipped', reason: 'b; z', outputs: [] })
  })
})

describe('applyResults', () => {
  const before = mergeEntries(
    [],
    [
      result('a.png', [
        written('thumb', 'a.thumb.webp'),
        written('web', 'a.web.webp', 640),
        written('web', 'a.l.webp', 960),
      ]),
      result('b.png', [written('thumb', 'b.thumb.webp')]),
    ],
  )

  it('keeps sources and presets that the run did not plan', () => {
    const [a, b] = mergeEntries(before, [result('a.png', [written('hero', 'a.hero.webp')])])
    expect(paths(a)).toEqual(['a.hero.webp', 'a.thumb.webp', 'a.web.webp', 'a.l.webp'])
    expect(b).toEqual(before[1])
  })

  it('drops outputs that a planned preset no longer makes', () => {
    const [a] = mergeEntries(before, [result('a.png', [written('web', 'a.web.webp', 640)])])
    expect(paths(a)).toEqual(['a.thumb.webp', 'a.web.webp'])
    const [none] = mergeEntries(before, [result('a.png', [skipped('web', 'small')])])
    expect(none).toMatchObject({ status: 'ready', outputs: [{ path: 'a.thumb.webp' }] })
    expect(none).not.toHaveProperty('reason')
  })

  it('replaces the outputs of planned presets by a failure', () => {
    const [a, b] = mergeEntries(before, [failure('a.png', ['web']), failure('b.png', ['thumb'])])
    expect(a).toMatchObject({ status: 'partial', error: corrupt, source: { path: 'a.png' } })
    expect(paths(a)).toEqual(['a.thumb.webp'])
    expect(b).toMatchObject({ status: 'failed', outputs: [], error: corrupt })
  })

  it('drops the failure of a source that now succeeds', () => {
    const broken = mergeEntries(before, [failure('b.png', ['thumb'])])
    const [, b] = mergeEntries(broken, [result('b.png', [written('thumb', 'b.thumb.webp')])])
    expect(b).toEqual(before[1])
  })

  it('ignores the result of an aborted job', () => {
    const error: ErrorRecord = { code: 'ABORTED', message: 'stopped', stage: 'render', retryable: true }
    expect(mergeEntries(before, [{ ...failure('a.png', ['web', 'thumb']), error }])).toEqual(before)
  })

  it('marks outputs of an older source as stale, and drops its analysis', () => {
    const analysed = before.map((entry) => ({ ...entry, analysis: { thumbhash: 'x' } }))
    const source = { bytes: 9, hash: 'sha256:02' }
    const [a] = mergeEntries(analysed, [result('a.png', [written('web', 'a.web.webp')], { source })])
    expect(a?.outputs).toMatchObject([{ path: 'a.thumb.webp', stale: true }, { path: 'a.web.webp' }])
    expect(a?.outputs[1]).not.toHaveProperty('stale')
    expect(a).not.toHaveProperty('analysis')
    const again = [result('a.png', [written('thumb', 'a.thumb.webp')], { source })]
    const [fresh, b] = mergeEntries(a === undefined ? [] : [a, ...analysed.slice(1)], again)
    expect(fresh?.outputs.some((output) => 'stale' in output)).toBe(false)
    expect(b).toEqual(analysed[1])
  })

  it('keeps the analysis and unknown keys of an unchanged source', () => {
    const analysed = before.map((entry) => ({ ...entry, analysis: { thumbhash: 'x' }, tags: ['mine'] }))
    const [a] = mergeEntries(analysed, [result('a.png', [written('web', 'a.web.webp')])])
    expect(a).toMatchObject({ analysis: { thumbhash: 'x' }, tags: ['mine'] })
  })

  it('lists a path once after a rename of a source, a change of preset or of case', () => {
    const renamed = mergeEntries(before, [result('c.png', [written('thumb', 'B.thumb.webp')])])
    expect(renamed.map(({ source }) => source.path)).toEqual(['a.png', 'c.png'])
    const [a] = mergeEntries(before, [result('a.png', [written('hero', 'a.thumb.webp')])])
    expect(a?.outputs).toMatchObject([
      { preset: 'hero', path: 'a.thumb.webp' },
      { preset: 'web' },
      { preset: 'web' },
    ])
    const taken = mergeEntries(before, [result('c.png', [written('thumb', 'a.l.webp')])])
    expect(paths(taken[0])).toEqual(['a.thumb.webp', 'a.web.webp'])
  })

  it('does not take a path from another source for a failed output', () => {
    const merged = mergeEntries(before, [result('b.jpg', [failed('thumb', 'b.thumb.webp')])])
    expect(merged.map(({ source, status }) => [source.path, status])).toEqual([
      ['a.png', 'ready'],
      ['b.jpg', 'failed'],
      ['b.png', 'ready'],
    ])
  })

  it('takes a path from another source for an output that failed before and is now written', () => {
    const owned = mergeEntries([], [result('a.png', [written('thumb', 'w.webp')])])
    const contested = mergeEntries(owned, [result('b.png', [failed('web', 'w.webp')])])
    expect(contested.map(paths)).toEqual([['w.webp'], ['w.webp']])
    const [only, ...others] = mergeEntries(contested, [result('b.png', [written('web', 'w.webp')])])
    expect(only).toMatchObject({ source: { path: 'b.png' }, outputs: [{ status: 'ready', path: 'w.webp' }] })
    expect(others).toEqual([])
  })

  it('applies the later of two results of one source', () => {
    const [a] = mergeEntries([], [failure('a.png', ['web']), result('a.png', [written('web', 'a.webp')])])
    expect(a?.status).toBe('ready')
  })
})
