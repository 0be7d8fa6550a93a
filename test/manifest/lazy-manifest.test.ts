import { describe, expect, it } from 'vitest'
import { formatManifest, openLazyManifest } from '../../src/manifest/parse-manifest.js'
import { toEntry } from '../../src/manifest/update-entry.js'
import { readManifestFile, writeManifestFile } from '../../src/manifest/manifest-file.js'
import { withChanges, toManifest } from '../../src/manifest/lazy-manifest.js'
import { toBytes } from '../../src/manifest/to-bytes.js'
import { bytesOf } from '../../src/utils/spool/bytes.js'
import { createMemoryStore } from '../../src/stores/memory.js'
import { manifest, result, written } from './results.js'

const a = toEntry(result('a.png', [written('thumb', 'a.webp')]))
const b = toEntry(result('b.png', [written('thumb', 'b.webp')]))
const c = toEntry(result('c.png', [written('thumb', 'c.webp')]))
const usage = (message: RegExp) =>
  expect.objectContaining({ code: 'INVALID_USAGE', message: expect.stringMatching(message) })

function open(text: string, layout: 'json' | 'ndjson' = 'json') {
  return openLazyManifest(bytesOf(Buffer.from(text)), 'm', layout, false)
}

describe('lazy manifest', () => {
  it.each([
    ['one entry a line', formatManifest(manifest([a, b, c]))],
    ['on one line', JSON.stringify(manifest([a, b, c]))],
    ['spread out', JSON.stringify(manifest([a, b, c]), undefined, 2)],
    ['with Windows line breaks', formatManifest(manifest([a, b, c])).replaceAll('\n', '\r\n')],
    ['in another order', formatManifest(manifest([a, b, c])).replaceAll('"a.png"', '"z.png"')],
    [
      'with keys in another order',
      formatManifest(manifest([a, b, c])).replaceAll('"bytes":9,"width":800', '"width":800,"bytes":9'),
    ],
    ['with an id of its own', formatManifest(manifest([a, b, c])).replace(a.id, 'mine')],
    ['with an entry twice', formatManifest(manifest([a, b, c])).replace(a.id, c.id)],
    ['without entries', formatManifest(manifest([]))],
  ])('writes the canonical layout, whatever layout it was read from: %s', (_, text) => {
    const stored = open(text)
    expect(toBytes(stored, 'json').toString()).toBe(formatManifest(toManifest(stored)))
    const changed = withChanges(stored, new Map([[b.id, undefined]]))
    expect(changed.get(b.id)).toBeUndefined()
    expect(toBytes(changed, 'json').toString()).toBe(formatManifest(toManifest(changed)))
  })

  it('finds and places entries by ids and paths of their own', () => {
    const names = ['"', 'a', 'a"', 'a"b', 'a\\', 'a\\"', 'a\\\\', 'b\n', 'ü']
    const [kept, added] = [0, 1].map((odd) =>
      names
        .filter((_, at) => at % 2 === odd)
        .map((name) => ({ ...toEntry(result(name, [])), id: `id ${name}` })),
    )
    for (const [old, more] of [
      [kept!, added!],
      [added!, kept!],
    ] as const) {
      const stored = open(formatManifest(manifest(old)))
      expect(stored.lines).toBeDefined()
      expect(old.map(({ id }) => stored.get(id))).toEqual(old)
      const changed = withChanges(stored, new Map(more.map((entry) => [entry.id, entry])))
      expect([...changed].map(({ source }) => source.path)).toEqual(names)
    }
  })

  it('parses a line only when its entry is accessed', () => {
    const text = formatManifest(manifest([a, b, c])).replace('"bytes":9', '"bytes":!')
    const stored = openLazyManifest(bytesOf(Buffer.from(text)), 'm', 'json', true)
    expect(stored.get(c.id)).toEqual(c)
    expect(() => stored.get(a.id)).toThrow(SyntaxError)
  })

  it.each([
    [
      'an entry that is not JSON',
      (text: string) => text.replace('"bytes":9', '"bytes":!'),
      /entries\[0\]: .*not valid JSON/,
    ],
    ['an entry of another shape', (text: string) => text.replace('"bytes":9', '"bytes":"9"'), /entries\[0\]/],
    ['its end cut off', (text: string) => text.slice(0, -5), /not an imgproc manifest/],
    ['more behind its end', (text: string) => `${text}{}`, /not an imgproc manifest/],
    ['a newer version', (text: string) => text.replace('"version": 1', '"version": 2'), /newer imgproc/],
  ])('rejects a file with %s', (_, damage, message) => {
    expect(() => open(damage(formatManifest(manifest([a, b]))))).toThrow(usage(message))
  })

  it('writes the head and then an entry a line if its name ends with .ndjson', async () => {
    const store = createMemoryStore()
    const file = await readManifestFile(store, 'memory://m.ndjson')
    const { entries, ...head } = manifest([b, a])
    const changes = new Map(entries.map((entry) => [entry.id, entry]))
    await writeManifestFile(
      store,
      file,
      withChanges(
        openLazyManifest(bytesOf(Buffer.from(formatManifest(manifest([])))), 'm', 'json', true),
        changes,
        head,
      ),
    )
    const lines = Buffer.from(await store.read('memory://m.ndjson'))
      .toString()
      .trimEnd()
      .split('\n')
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([head, a, b])
    const { manifest: read } = await readManifestFile(store, 'memory://m.ndjson')
    expect(read && toManifest(read)).toEqual(manifest([a, b]))
  })

  it.each([
    '',
    '{}\n',
    'null\n',
    'a,b\n1,2\n',
    '{"tool":{"name":"imgproc"},"version":1}\n{"id":1}\n',
    '{"tool":{"name":"imgproc"},"version":1}\n{"id"',
    '{"tool":{"name":"imgproc"},"version":1}',
    formatManifest(manifest([a])),
  ])('rejects an .ndjson file that holds %j', (text) => {
    expect(() => open(text, 'ndjson')).toThrow(usage(/not changed/))
  })

  it('rejects an .ndjson file of a newer version', () => {
    const head = { version: 2, tool: { name: 'imgproc' } }
    expect(() => open(`${JSON.stringify(head)}\n`, 'ndjson')).toThrow(usage(/newer imgproc/))
  })
})
