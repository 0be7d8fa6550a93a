import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyResults } from '../../src/manifest/apply-results.js'
import { formatManifest, openLazyManifest, parseManifest } from '../../src/manifest/parse-manifest.js'
import type { ManifestEntry } from '../../src/manifest/types.js'
import { collisionKey } from '../../src/paths/output-path.js'
import { toBytes } from '../../src/manifest/to-bytes.js'
import { bytesOf } from '../../src/utils/spool/bytes.js'
import type { OutputResult, Result } from '../../src/jobs/types.js'
import { failed, failure, manifest, mergeEntries, result, skipped, sortResults, written } from './results.js'

function read([from, outputs, digest]: [string, OutputResult[], string]): Result {
  return result(from, outputs, { source: { bytes: 9, hash: digest } })
}

function byId(entries: readonly ManifestEntry[]): Map<string, ManifestEntry> {
  return new Map(entries.map((entry) => [entry.id, entry]))
}

describe('random manifests', () => {
  const source = fc.constantFrom('a.png', 'b"\\.png', 'c.png', 'd/é\n.png')
  const preset = fc.constantFrom('thumb', 'web', 'hero')
  const path = fc.constantFrom('x.webp', 'X.webp', 'y.webp', 'z.webp', 'w.webp', 'v.webp', 'u.webp')
  const output = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(preset, path, fc.integer({ min: 1, max: 3 })).map((args) => written(...args)),
    },
    fc.tuple(preset, path).map((args) => failed(...args)),
    fc.tuple(preset, fc.constantFrom('small', 'equal')).map((args) => skipped(...args)),
  )
  const hash = fc.constantFrom('sha256:01', 'sha256:02')
  const outcome = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(source, fc.array(output, { maxLength: 4 }), hash).map(read) },
    fc.tuple(source, fc.array(preset, { minLength: 1 })).map((args) => failure(...args)),
  )
  /** One result a source, and no path written twice, as in a run. */
  const run = fc.uniqueArray(outcome, { selector: ({ job }) => job.id }).map((results) => {
    const taken = new Set<string>()
    return results.map((one) => {
      const outputs = one.outputs.filter(({ action, path: at }) => {
        const key = collisionKey(at)
        return action !== 'written' || (!taken.has(key) && taken.add(key))
      })
      return { ...one, outputs }
    })
  })
  const entries = fc.array(run, { maxLength: 4 }).map((runs) => {
    return runs.reduce<ManifestEntry[]>((old, results) => mergeEntries(old, results), [])
  })

  it('do not change when the same results are applied again', () => {
    fc.assert(
      fc.property(entries, run, (old, results) => {
        const once = mergeEntries(old, results)
        expect(mergeEntries(once, results)).toEqual(once)
      }),
    )
  })

  it('are the same in whatever order the results are applied', () => {
    const shuffled = run.chain((results) => {
      const { length } = results
      return fc.tuple(fc.constant(results), fc.shuffledSubarray(results, { minLength: length }))
    })
    fc.assert(
      fc.property(entries, shuffled, (old, [results, others]) => {
        expect(mergeEntries(old.toReversed(), others)).toEqual(mergeEntries(old, results))
      }),
    )
  })

  it.each(['json', 'ndjson'] as const)('keep the lines of unchanged entries, as %s', (layout) => {
    fc.assert(
      fc.property(entries, run, (old, results) => {
        const { entries: merged, ...head } = manifest(mergeEntries(old, results))
        const anew = toBytes({ head, lines: undefined, changes: byId(merged) }, layout)
        const before = toBytes({ head, lines: undefined, changes: byId(old) }, layout)
        for (const isOwn of [true, false]) {
          const stored = openLazyManifest(bytesOf(before), 'm', layout, isOwn)
          expect(stored.lines?.isFile).toBe(true)
          expect([...stored]).toEqual(old)
          expect(old.map(({ id }) => stored.get(id))).toEqual(old)
          const changed = applyResults(stored, sortResults(results))
          expect([...changed]).toEqual(merged)
          expect(toBytes(changed, layout).toString()).toBe(anew.toString())
        }
      }),
    )
  })

  it('list no file twice, and no empty entry', () => {
    fc.assert(
      fc.property(entries, (merged) => {
        const files = merged.flatMap(({ outputs }) => outputs.filter(({ status }) => status === 'ready'))
        expect(new Set(files.map((file) => collisionKey(file.path))).size).toBe(files.length)
        for (const { status, outputs, error } of merged) {
          expect(status === 'skipped').toBe(outputs.length === 0 && error === undefined)
        }
      }),
    )
  })

  it('are read back as they were written', () => {
    // zod drops the key __proto__.
    const names = fc.string().filter((name) => name !== '__proto__')
    const extras = fc.dictionary(names, fc.jsonValue())
    fc.assert(
      fc.property(entries, extras, (merged, analysis) => {
        const plain: Record<string, unknown> = JSON.parse(JSON.stringify(analysis))
        const given = manifest(merged.map((entry) => ({ ...entry, analysis: plain })))
        expect(parseManifest(formatManifest(given), 'm')).toEqual(given)
      }),
    )
  })

  it('have the same bytes in whatever order their entries and keys are', () => {
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat()), (merged, noise) => {
        const shuffle = <T>(items: readonly T[]): T[] => {
          const keyed = items.map((item): [number, T] => [noise.next().value, item])
          return keyed.toSorted(([a], [b]) => a - b).map(([, item]) => item)
        }
        const turned = <T>(value: T): T =>
          JSON.parse(
            JSON.stringify(value, (_, part: unknown) =>
              typeof part !== 'object' || part === null || Array.isArray(part)
                ? part
                : Object.fromEntries(shuffle(Object.entries(part))),
            ),
          )
        const analysed = merged.map((entry) => ({ ...entry, analysis: { thumbhash: 'x', blurhash: 'y' } }))
        const others = shuffle(analysed).map((entry) => turned({ ...entry, outputs: shuffle(entry.outputs) }))
        expect(formatManifest(manifest(others))).toBe(formatManifest(manifest(analysed)))
      }),
    )
  })
})
