import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { formatManifest, parseManifest } from '../../src/manifest/parse-manifest.js'
import { toEntry } from '../../src/manifest/update-entry.js'
import { sourceId } from '../../src/jobs/source-id.js'
import { manifestSchema } from '../../src/manifest/schema.js'
import { failure, manifest, result, written } from './results.js'

const usage = (message: RegExp) =>
  expect.objectContaining({
    code: 'INVALID_USAGE',
    stage: 'usage',
    path: 'out/manifest.json',
    message: expect.stringMatching(message),
  })
const parse = (value: unknown) => parseManifest(JSON.stringify(value), 'out/manifest.json')

describe('parseManifest', () => {
  it.each([
    'no JSON',
    '',
    'null',
    '[]',
    '{"name":"My web app","icons":[]}',
    '{"version":1,"entries":[]}',
    '{"version":1,"entries":[],"tool":{"name":"webpack"}}',
    '{"version":1,"tool":{"name":"imgproc"}}',
    '{"version":"1","tool":{"name":"imgproc"},"entries":[]}',
  ])('rejects a file that is not an imgproc manifest: %s', (text) => {
    expect(() => parseManifest(text, 'out/manifest.json')).toThrow(
      usage(
        /^out\/manifest\.json is not an imgproc manifest\. It was not changed\. Name another file: one that a run has written, or for a run a new one \(--manifest FILE, or another --out\)\.$/,
      ),
    )
  })

  it('rejects a newer version and advises to update imgproc', () => {
    expect(() => parse({ ...manifest([]), version: 2, entries: 'elsewhere' })).toThrow(
      usage(/newer imgproc \(manifest version 2; this one supports 1\).*Update imgproc/),
    )
  })

  it('names the damaged key of a manifest', () => {
    const entry = toEntry(result('a.png', [written('thumb', 'a.webp')]))
    const damaged = { ...entry, outputs: [{ ...entry.outputs[0], width: 'wide' }] }
    expect(() => parse(manifest([entry]))).not.toThrow()
    expect(() => parse({ ...manifest([]), entries: [entry, damaged] })).toThrow(
      usage(/damaged at entries\[1\]\.outputs\[0\]\.width: .*not changed.*delete it/),
    )
  })

  it('keeps unknown keys', () => {
    const [output] = toEntry(result('a.png', [written('thumb', 'a.webp')])).outputs
    const source = { path: 'a.png', colour: 'red' }
    const entry = { id: '1', source, status: 'ready', outputs: [{ ...output, extra: 1 }], tags: ['x'] }
    const given = { note: 'mine', ...manifest([]), entries: [entry] }
    expect(parse(given)).toEqual(given)
  })

  it('skips a byte order mark', () => {
    expect(parseManifest(`\uFEFF${formatManifest(manifest([]))}`, 'm')).toEqual(manifest([]))
  })

  it('validates by a schema that converts to JSON Schema', () => {
    const schema = z.toJSONSchema(manifestSchema())
    expect(schema).toMatchObject({ required: ['version', 'tool', 'entries'] })
    expect(JSON.stringify(schema)).toContain('CORRUPT_IMAGE')
  })
})

describe('formatManifest', () => {
  it('writes one entry a line, sorted, with keys in a fixed order', () => {
    const b = toEntry(failure('b.png', ['thumb']))
    const a = toEntry(
      result('a.png', [
        written('web', 'a-640.webp', 640),
        written('web', 'a-80.webp', 80),
        written('thumb', 'a.webp'),
      ]),
    )
    const analysis = { thumbhash: 'x', blurhash: 'y' }
    const lines = formatManifest(manifest([b, { analysis, ...a }])).split('\n')
    expect(lines.slice(0, 5)).toEqual([
      '{',
      '  "$schema": "https://example.org/manifest.schema.json",',
      '  "version": 1,',
      '  "tool": {"name":"imgproc","version":"0.1.0","sharp":"0.35.5","libvips":"8.18.7"},',
      '  "entries": [',
    ])
    expect(lines[5]).toMatch(
      /^ {4}\{"id":"[0-9a-f]{16}","source":\{"path":"a\.png","bytes":9,"width":800,"height":600,"format":"png","hash":"sha256:01"\},"status":"ready","outputs":\[\{"preset":"thumb","status":"ready","path":"a\.webp","format":"webp","mime":"image\/webp","width":100,"height":75,"bytes":3609,"hash":"sha256:0a","recipe":"r-100"\},\{.*"a-80\.webp".*"a-640\.webp".*\],"analysis":\{"blurhash":"y","thumbhash":"x"\}\},$/,
    )
    expect(lines[6]).toBe(
      `    {"id":"${sourceId('b.png')}","source":{"path":"b.png"},"status":"failed","outputs":[],"error":{"code":"CORRUPT_IMAGE","message":"cut","stage":"decode","retryable":false}}`,
    )
    expect(lines.slice(7)).toEqual(['  ]', '}', ''])
  })

  it('writes an empty manifest that can be read back', () => {
    const text = formatManifest(manifest([]))
    expect(text.endsWith('\n  "entries": []\n}\n')).toBe(true)
    expect(parseManifest(text, 'm')).toEqual(manifest([]))
  })

  it('sorts by UTF-16 code units, independent of the locale', () => {
    const entries = ['é', 'z', 'Z', 'a/b', 'a', '\u{1F600}', '\uFFFD'].map((path) =>
      toEntry(result(path, [])),
    )
    const sorted = parseManifest(formatManifest(manifest(entries)), 'm').entries.map(
      ({ source }) => source.path,
    )
    expect(sorted).toEqual(['Z', 'a', 'a/b', 'z', 'é', '\u{1F600}', '\uFFFD'])
  })
})

describe('sourceId', () => {
  it('returns the first 16 hex digits of the SHA-256', () => {
    expect(sourceId('abc')).toBe('ba7816bf8f01cfea')
  })
})
