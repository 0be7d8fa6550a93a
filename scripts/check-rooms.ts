// Checks the rules of scripts/rooms.ts that oxlint cannot check: dynamic imports, AssemblyScript (which it cannot parse),
// import cycles through both, files outside of rooms, and folders with too many files. Part of `npm run lint`.
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path/posix'
import { fileURLToPath } from 'node:url'
import fastGlob from 'fast-glob'
import { ROOMS, SHARED_ROOMS } from './rooms.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MAX_FILES = 25

const files = fastGlob.sync('src/**/*.ts', { cwd: ROOT }).toSorted()
const imports = new Map(files.map((file) => [file, importsOf(file)]))

const problems = [...findFilesOutside(), ...findCrowded(), ...findForbiddenImports(), ...findCycles()]
for (const problem of problems) console.error(problem)
console.log(`${files.length} files in ${ROOMS.length} rooms, ${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0

/** Returns the files of src/ that a file imports, including dynamic and type-only imports. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8').replaceAll(/^ *(?:\/\/|\*).*$/gm, '')
  return [...text.matchAll(/\b(?:from|import)\b[ (]+'(\.{1,2}\/[^']+)'/g)].map(([, specifier = '']) =>
    join(dirname(file), specifier.replace(/\.js$/, '')).concat('.ts'),
  )
}

/** Returns the room of a file: the folder or file directly below src/. */
function roomOf(file: string): string {
  return file.split('/')[1] ?? ''
}

function findFilesOutside(): string[] {
  const names = new Set(ROOMS.map(({ name }) => name))
  return files.filter((file) => !names.has(roomOf(file))).map((file) => `${file}: not in scripts/rooms.ts`)
}

function findCrowded(): string[] {
  const counts = new Map<string, number>()
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
  return [...counts]
    .filter(([, count]) => count > MAX_FILES)
    .map(([folder, count]) => `${folder}: ${count} files, more than ${MAX_FILES}`)
}

function findForbiddenImports(): string[] {
  const allowed = new Map(
    ROOMS.map(({ name, mayImport }) => [
      name,
      [...(SHARED_ROOMS.includes(name) ? [] : SHARED_ROOMS), ...mayImport],
    ]),
  )
  return [...imports].flatMap(([file, targets]) =>
    targets
      .filter((target) => roomOf(target) !== roomOf(file))
      .filter((target) => allowed.get(roomOf(file))?.includes(roomOf(target)) !== true)
      .map((target) => `${file}: src/${roomOf(file)} may not import ${target}`),
  )
}

/** Returns one path for each import cycle found by depth-first search. */
function findCycles(): string[] {
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]) => {
    const start = path.indexOf(file)
    if (start >= 0) cycles.push(`import cycle: ${[...path.slice(start), file].map(short).join(' → ')}`)
    if (start >= 0 || done.has(file)) return
    for (const target of imports.get(file) ?? []) visit(target, [...path, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  return cycles
}

function short(file: string): string {
  return relative('src', file)
}
