// Checks what oxlint cannot see of the house: dynamic imports, the AssemblyScript (which it cannot parse), circles through
// both, loose files and crowded folders. Part of `npm run lint`.
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path/posix'
import { fileURLToPath } from 'node:url'
import fastGlob from 'fast-glob'
import { EVERYBODY, ROOMS } from './rooms.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MOST_FILES = 25

const files = fastGlob.sync('src/**/*.ts', { cwd: ROOT }).toSorted()
const imports = new Map(files.map((file) => [file, importsOf(file)]))

const problems = [...findLoose(), ...findCrowded(), ...findWrongArrows(), ...findCircles()]
for (const problem of problems) console.error(problem)
console.log(`${files.length} files in ${ROOMS.length} rooms, ${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0

/** The files of ours that a file imports, statically, dynamically or for types alone. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8').replaceAll(/^ *(?:\/\/|\*).*$/gm, '')
  return [...text.matchAll(/\b(?:from|import)\b[ (]+'(\.{1,2}\/[^']+)'/g)].map(([, specifier = '']) =>
    join(dirname(file), specifier.replace(/\.js$/, '')).concat('.ts'),
  )
}

/** The room of a file: the folder or file directly below src/. */
function roomOf(file: string): string {
  return file.split('/')[1] ?? ''
}

function findLoose(): string[] {
  const names = new Set(ROOMS.map(({ name }) => name))
  return files.filter((file) => !names.has(roomOf(file))).map((file) => `${file}: not in scripts/rooms.ts`)
}

function findCrowded(): string[] {
  const counts = new Map<string, number>()
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
  return [...counts]
    .filter(([, count]) => count > MOST_FILES)
    .map(([folder, count]) => `${folder}: ${count} files, more than ${MOST_FILES}`)
}

function findWrongArrows(): string[] {
  const allowed = new Map(
    ROOMS.map(({ name, mayImport }) => [
      name,
      [...(EVERYBODY.includes(name) ? [] : EVERYBODY), ...mayImport],
    ]),
  )
  return [...imports].flatMap(([file, targets]) =>
    targets
      .filter((target) => roomOf(target) !== roomOf(file))
      .filter((target) => allowed.get(roomOf(file))?.includes(roomOf(target)) !== true)
      .map((target) => `${file}: src/${roomOf(file)} may not import ${target}`),
  )
}

/** One path for each circle that a walk through the imports meets. */
function findCircles(): string[] {
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, path: readonly string[]) => {
    const start = path.indexOf(file)
    if (start >= 0) circles.push(`circle: ${[...path.slice(start), file].map(short).join(' → ')}`)
    if (start >= 0 || done.has(file)) return
    for (const target of imports.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  return circles
}

function short(file: string): string {
  return relative('src', file)
}
