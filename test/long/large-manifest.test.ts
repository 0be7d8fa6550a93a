import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { formatEntry, formatHead } from '../../src/manifest/serialize.js'
import type { ManifestEntry, ManifestHead } from '../../src/manifest/types.js'
import { openProject } from '../support/project.js'

const MEGABYTE = 1e6
/** Set the environment variable for more. */
const ENTRIES = Number(process.env['ENTRIES'] ?? 300_000)

const head: ManifestHead = {
  version: 1,
  tool: { name: 'imgproc', version: '0.1.0', sharp: '0.35.5', libvips: '8.18.7' },
}

/** Reads a manifest of unknown hash, so validates it, changes one entry in a hundred, writes it, and reads it again. */
const PROGRAM = `
const [dist, path] = process.argv.slice(1)
const { readManifestFile, writeManifestFile } = await import(dist + '/manifest/manifest-file.js')
const { withChanges } = await import(dist + '/manifest/lazy-manifest.js')
const { createFileStore } = await import(dist + '/stores/file/store.js')
const store = createFileStore({ cwd: '/' })
const started = performance.now()
const file = await readManifestFile(store, path)
const changes = new Map()
let index = 0
for (const entry of file.manifest)
  if (index++ % 100 === 0) changes.set(entry.id, { ...entry, analysis: { entropy: 7 } })
const hash = await writeManifestFile(store, file, withChanges(file.manifest, changes))
const seconds = (performance.now() - started) / 1000
const { manifest } = await readManifestFile(store, path, async () => hash)
let entries = 0
let changed = 0
for (const { analysis } of manifest) {
  entries++
  if (analysis !== undefined) changed++
}
console.log(JSON.stringify({ entries, changed, seconds, peak: process.resourceUsage().maxRSS * 1024 }))
`

function makeEntry(index: number): ManifestEntry {
  const path = `photos/2026/${String(index).padStart(7, '0')}.jpg`
  const digest = createHash('sha256').update(path).digest('hex')
  const hash = `sha256:${digest}`
  const picture = { format: 'jpeg' as const, mime: 'image/jpeg', width: 100, height: 75, bytes: 3609, hash }
  return {
    id: digest.slice(0, 16),
    source: { path, bytes: 4_343_956, width: 4000, height: 3000, format: 'jpeg', hash },
    status: 'ready',
    outputs: [
      { preset: 'thumb', status: 'ready', path: `2026/${index}.thumb.jpg`, ...picture, recipe: digest },
    ],
  }
}

async function writeManifest(path: string, layout: 'json' | 'ndjson', count: number): Promise<void> {
  const file = await open(path, 'w')
  let text = layout === 'json' ? `${formatHead(head)}\n  "entries": [` : JSON.stringify(head)
  for (let index = 0; index < count; index++) {
    text += `${layout === 'json' ? `${index === 0 ? '' : ','}\n    ` : '\n'}${formatEntry(makeEntry(index))}`
    if (text.length < 4e6) continue
    await file.write(text)
    text = ''
  }
  await file.write(`${text}${layout === 'json' ? '\n  ]\n}\n' : '\n'}`)
  await file.close()
}

describe('a large manifest', () => {
  it.each([
    ['json', ENTRIES],
    ['ndjson', ENTRIES / 10],
  ] as const)(
    'is read, changed and written in less than 400 MB of memory, as %s of %d entries',
    async (layout, count) => {
      const project = await openProject()
      const path = project.at(`manifest.${layout}`)
      await writeManifest(path, layout, count)
      const dist = new URL('../../dist', import.meta.url).href
      const args = ['--input-type=module', '-e', PROGRAM, dist, path]
      const { stdout } = await promisify(execFile)(process.execPath, args)
      const { entries, changed, seconds, peak } = JSON.parse(stdout)
      console.log(`${count} entries as ${layout}: ${seconds.toFixed(1)} s, peak ${Math.round(peak / 1e6)} MB`)
      expect({ entries, changed }).toEqual({ entries: count, changed: count / 100 })
      expect(peak).toBeLessThan(400 * MEGABYTE)
    },
  )
})
