import { readdir, readFile, writeFile } from 'node:fs/promises'
import { describePreset } from '../src/cli/commands/list.js'
import { exampleOf } from '../src/cli/flags/operation-flags.js'
import { builtInAnalyzers, visionAnalyzers } from '../src/analyzers/load-analyzers.js'
import { listPresets } from '../src/config/presets.js'
import { operations } from '../src/operations/parse-operations.js'
import { flagsTable, queueFlagsTable } from './cli-doc.js'
import { configTables } from './config-doc.js'
import { errorsTable } from './errors-doc.js'
import { toTable } from './markdown.js'
import { SHARED_ROOMS, ROOMS } from './rooms.js'

const ROOT = new URL('../', import.meta.url)
/** Written whole by operations-doc.ts. */
const WHOLE_PAGE = 'operations.md'

/** The generated tables, by the name of their marks: `<!-- presets -->` … `<!-- /presets -->`. */
const TABLES: Readonly<Record<string, () => string>> = {
  operations: operationsTable,
  presets: presetsTable,
  analyzers: analyzersTable,
  errors: errorsTable,
  flags: flagsTable,
  'queue-flags': queueFlagsTable,
  rooms: roomsTable,
  ...configTables(),
}

/** Returns README.md, CONTRIBUTING.md and the pages in docs/, relative to the package. */
export async function listPages(): Promise<string[]> {
  const names = await readdir(new URL('docs/', ROOT))
  const pages = names.filter((name) => name.endsWith('.md')).toSorted()
  const top = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md']
  return [...top, ...pages.map((name) => `docs/${name}`)]
}

/** Returns the URL of a page. */
export function pageUrl(page: string): URL {
  return new URL(page, ROOT)
}

/**
 * Returns the pages that have generated tables, with those tables filled in.
 *
 * @throws Error if a mark has no table, or a table has no mark.
 */
export async function pagesWithTables(): Promise<ReadonlyMap<string, string>> {
  const filled = new Map<string, string>()
  const used = new Set<string>()
  for (const page of await listPages()) {
    if (page.endsWith(`/${WHOLE_PAGE}`)) continue
    const text = await readFile(pageUrl(page), 'utf8')
    const names = [...text.matchAll(/^<!-- ([a-z0-9-]+) -->$/gm)].map(([, name = '']) => name)
    if (names.length === 0) continue
    for (const name of names) used.add(name)
    filled.set(
      page,
      names.reduce((content, name) => fill(content, name, page), text),
    )
  }
  const unused = Object.keys(TABLES).filter((name) => !used.has(name))
  if (unused.length > 0) throw new Error(`no page has marks for ${unused.join(', ')}`)
  return filled
}

/** Updates the generated tables of all pages. */
export async function writePages(): Promise<void> {
  for (const [page, text] of await pagesWithTables()) await writeFile(pageUrl(page), text)
}

function fill(text: string, name: string, page: string): string {
  const table = TABLES[name]
  if (table === undefined) throw new Error(`${page}: there is no table "${name}"`)
  const marks = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`)
  if (!marks.test(text)) throw new Error(`${page}: <!-- ${name} --> is not closed`)
  return text.replace(marks, (_, open: string, close: string) => `${open}${table()}\n${close}`)
}

function operationsTable(): string {
  const rows = operations.map((op) => [`\`${op.name}\``, `\`${exampleOf(op)}\``, op.summary])
  return toTable(['operation', 'flag, for example', 'meaning'], rows)
}

function presetsTable(): string {
  const rows = listPresets({}).map(({ preset }) => [`\`${preset.name}\``, describePreset(preset)])
  return toTable(['preset', 'makes'], rows)
}

function analyzersTable(): string {
  const rows = [...builtInAnalyzers, ...visionAnalyzers].map(({ name, summary }) => [`\`${name}\``, summary])
  return toTable(['analyzer', 'result in the manifest'], rows)
}

function roomsTable(): string {
  const everybody = SHARED_ROOMS.map((name) => `\`${name}\``).join(', ')
  const rows = ROOMS.map(({ name, duty, mayImport }, at) => {
    const above = ROOMS.slice(0, at).map((room) => room.name)
    const missing = above.filter((other) => ![...SHARED_ROOMS, ...mayImport].includes(other))
    const short = missing.length === 0 ? 'all above' : `all above but ${missing.join(', ')}`
    const isShort = at > SHARED_ROOMS.length && mayImport.length > missing.length && missing.length <= 1
    const allowed = SHARED_ROOMS.includes(name) ? mayImport : ['\\*', ...mayImport]
    return [`\`${name}\``, duty, isShort ? short : allowed.join(', ')]
  })
  return `${toTable(['room', 'duty', 'may import'], rows)}\n\n\\* ${everybody}`
}
