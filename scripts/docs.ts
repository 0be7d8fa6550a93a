import { readFile, writeFile } from 'node:fs/promises'
import { builtInAnalyzers } from '../src/analyzers/load-analyzers.js'
import { listPresets } from '../src/config/presets.js'
import { exampleOf } from '../src/cli/flags/operation-flags.js'
import { describePreset } from '../src/cli/commands/list.js'
import { operations } from '../src/operations/parse-operations.js'

const README = new URL('../README.md', import.meta.url)

/** The README with its tables as the registry and the presets have them now. */
export async function readmeWithTables(): Promise<string> {
  const text = await readFile(README, 'utf8')
  return [
    ['operations', operationsTable()] as const,
    ['presets', presetsTable()] as const,
    ['analyzers', analyzersTable()] as const,
  ].reduce((filled, [name, table]) => fill(filled, name, table), text)
}

/** Brings the README's tables up to date. */
export async function writeReadme(): Promise<void> {
  await writeFile(README, await readmeWithTables())
}

function operationsTable(): string {
  const rows = operations.map((op) => `| \`${op.name}\` | \`${exampleOf(op)}\` | ${op.summary} |`)
  return ['| operation | for example | |', '| --- | --- | --- |', ...rows].join('\n')
}

function presetsTable(): string {
  const rows = listPresets({}).map(({ preset }) => `| \`${preset.name}\` | ${describePreset(preset)} |`)
  return ['| preset | makes |', '| --- | --- |', ...rows].join('\n')
}

function analyzersTable(): string {
  const rows = builtInAnalyzers.map(({ name, summary }) => `| \`${name}\` | ${summary} |`)
  return ['| analyzer | finds |', '| --- | --- |', ...rows].join('\n')
}

function fill(text: string, name: string, content: string): string {
  const marks = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`)
  if (!marks.test(text)) throw new Error(`README.md has no place for ${name}`)
  return text.replace(marks, (_, open: string, close: string) => `${open}${content}\n${close}`)
}
