import { describe, expect, it } from 'vitest'
import { toEntry } from '../../src/manifest/update-entry.js'
import type { ErrorRecord } from '../../src/errors.js'
import { sourceId } from '../../src/jobs/source-id.js'
import type { Result, SourceFacts } from '../../src/jobs/types.js'
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

  it('has no key without a value', () => {
    expect(toEntry(result('a.png', [], { status: 'skipped', source: { bytes: 9 } }))).toStrictEqual({
      id: sourceId('a.png'),
      source: { path: 'a.png', bytes: 9 },
      status: 'skipped',
      outputs: [],
    })
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

  it('drops a source that is gone and has left no output', () => {
    const gone: ErrorRecord = { code: 'INPUT_NOT_FOUND', message: 'gone', stage: 'read', retryable: false }
    const vanish = (old: typeof before, name: string) =>
      mergeEntries(old, [{ ...failure(name, ['thumb']), error: gone }])
    const broken = mergeEntries(before, [
      failure('b.png', ['thumb']),
      result('c.png', [failed('thumb', 'c.{ext}')]),
    ])
    expect(vanish(broken, 'b.png').map(({ source }) => source.path)).toEqual(['a.png', 'c.png'])
    expect(vanish(broken, 'c.png').map(({ source }) => source.path)).toEqual(['a.png', 'b.png'])
    expect(vanish(before, 'a.png')).toEqual(before)
    expect(vanish(before, 'new.png')).toEqual(before)
    const partial = mergeEntries(before, [result('b.png', [failed('web', 'b.{ext}')])])
    expect(vanish(partial, 'b.png')).toEqual(partial)
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

  it('adds findings to those of an unchanged source, and replaces those of a changed one', () => {
    const analyse = (old: typeof before, analysis: NonNullable<Result['analysis']>, hash: string) => {
      const source = { bytes: 9, hash }
      return mergeEntries(old, [result('a.png', [written('web', 'a.webp')], { analysis, source })])[0]
        ?.analysis
    }
    expect(analyse([], { entropy: 3 }, 'sha256:01')).toEqual({ entropy: 3 })
    const analysed = before.map((entry) => ({ ...entry, analysis: { thumbhash: 'x', entropy: 2 } }))
    expect(analyse(analysed, { entropy: 3 }, 'sha256:01')).toEqual({ thumbhash: 'x', entropy: 3 })
    expect(analyse(analysed, { entropy: 3 }, 'sha256:02')).toEqual({ entropy: 3 })
  })

  it.each<[string, boolean, SourceFacts, SourceFacts, true | undefined]>([
    ['the same hash', false, { bytes: 9, hash: 'sha256:01' }, { bytes: 9, hash: 'sha256:01' }, undefined],
    ['another hash', true, { bytes: 9, hash: 'sha256:01' }, { bytes: 9, hash: 'sha256:02' }, true],
    ['another size', true, { bytes: 9, hash: 'sha256:01' }, { bytes: 8, hash: 'sha256:01' }, undefined],
    ['no hash', true, { bytes: 9, hash: 'sha256:01' }, { bytes: 9 }, undefined],
    [
      'no hash, but a fingerprint that is the same',
      false,
      { bytes: 9, hash: 'sha256:01' },
      { bytes: 9 },
      true,
    ],
    ['no hash, and another size', true, { bytes: 9, hash: 'sha256:01' }, { bytes: 8 }, true],
    ['its first hash', true, { bytes: 9 }, { bytes: 9, hash: 'sha256:01' }, undefined],
    ['its first hash, but the same fingerprint', false, { bytes: 9 }, { bytes: 9, hash: 'sha256:01' }, true],
  ])('marks what is not made again of a source with %s as stale: %s', (_, isStale, old, now, isSame) => {
    const made = result('a.png', [written('thumb', 'a.webp'), failed('hero', 'a.{ext}')], { source: old })
    const again = result('a.png', [written('web', 'b.webp')], { source: now })
    const job = { ...again.job, ...(isSame && { isSame }) }
    const [entry] = mergeEntries(mergeEntries([], [made]), [{ ...again, job }])
    const stale = entry?.outputs.filter((output) => 'stale' in output)
    expect(stale?.map(({ preset }) => preset)).toEqual(isStale ? ['thumb'] : [])
  })

  it('keeps the hash of an unchanged source of which only the header was read', () => {
    const { job, ...header } = result('a.png', [written('hero', 'a.webp')], { source: { bytes: 9 } })
    const same = mergeEntries(before, [{ ...header, job: { ...job, isSame: true } }])
    expect(same[0]?.source).toStrictEqual({ path: 'a.png', bytes: 9, hash: 'sha256:01' })
    const changed = mergeEntries(before, [{ ...header, job }])
    expect(changed[0]?.source).toStrictEqual({ path: 'a.png', bytes: 9 })
    const anew = mergeEntries([], [{ ...header, job }])
    expect(anew[0]?.source).toStrictEqual({ path: 'a.png', bytes: 9 })
  })

  it('keeps nothing of a source that can no longer be read but its path', () => {
    const { job, ...unread } = failure('a.png', ['web'])
    const [a] = mergeEntries(before, [{ ...unread, job: { ...job, isSame: true } }])
    expect(a?.source).toStrictEqual({ path: 'a.png' })
  })

  it('replaces the outputs of presets whose results were known before the run', () => {
    const { job, ...rest } = result('a.png', [written('hero', 'a.hero.webp')])
    const settled = [skipped('web', 'small')]
    const [a] = mergeEntries(before, [{ ...rest, job: { ...job, settled } }])
    expect(paths(a)).toEqual(['a.hero.webp', 'a.thumb.webp'])
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

  it('keeps a failed output at a path that another source took in the same run', () => {
    const merged = mergeEntries(
      [],
      [result('a.png', [written('web', 'w.webp')]), result('b.png', [failed('web', 'w.webp')])],
    )
    expect(merged.map(({ outputs }) => outputs.map(({ status }) => status))).toEqual([['ready'], ['failed']])
  })

  it.each([
    ['under another name', before],
    ['for the first time', mergeEntries(before, [failure('a.png', ['thumb', 'web'])])],
  ])('takes a path from another source for an output that is written %s', (_, old) => {
    const merged = mergeEntries(old, [result('a.png', [written('thumb', 'b.thumb.webp')])])
    expect(merged.map(({ source }) => source.path)).toEqual(['a.png'])
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
