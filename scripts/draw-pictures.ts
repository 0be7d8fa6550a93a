// Draws docs/pictures and writes those that look different. Run `npm run docs` after an operation has changed.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { writeOperationsPage } from './operations-doc.js'
import { drawOverview, OVERVIEW_FILE } from './overview-picture.js'
import { FACTS_FILE, PICTURES, type Facts } from './picture-facts.js'
import { difference, drawPictures, TOLERANCE } from './pictures.js'

await mkdir(PICTURES, { recursive: true })
const { files: pairs, facts } = await drawPictures()
const files = new Map([...pairs, [OVERVIEW_FILE, await drawOverview()]])
for (const [name, data] of files) {
  const old = await readFile(new URL(name, PICTURES)).catch(() => undefined)
  // Encoders differ a little between machines.
  if (old !== undefined && (await difference(old, data)) <= TOLERANCE) continue
  await writeFile(new URL(name, PICTURES), data)
  console.log(`drew ${name}`)
}
for (const name of await readdir(PICTURES)) {
  if (files.has(name) || name === FACTS_FILE) continue
  await rm(new URL(name, PICTURES))
  console.log(`removed ${name}`)
}
await writeFacts(facts)
await writeOperationsPage()

async function writeFacts(fresh: Facts): Promise<void> {
  const file = new URL(FACTS_FILE, PICTURES)
  const old = await readFile(file, 'utf8').then(
    (text) => JSON.parse(text) as Facts, // written below
    () => undefined,
  )
  const pairs = Object.entries(fresh.pairs).map(([name, { before, after }]) => [
    name,
    { before: settle(before, old?.pairs[name]?.before), after: settle(after, old?.pairs[name]?.after) },
  ])
  const formats = Object.entries(fresh.formats).map(([name, bytes]) => [
    name,
    settle({ bytes }, { bytes: old?.formats[name] }).bytes,
  ])
  const facts = { pairs: Object.fromEntries(pairs), formats: Object.fromEntries(formats), kept: fresh.kept }
  await writeFile(file, `${JSON.stringify(facts, null, 2)}\n`)
}

/** Returns the facts with the old byte count, unless it changed by more than 5 %, as encoders differ between machines. */
function settle<T extends { readonly bytes?: number }>(
  fresh: T,
  old: { readonly bytes?: number | undefined } = {},
): T {
  const { bytes } = fresh
  if (bytes === undefined || old.bytes === undefined || Math.abs(bytes - old.bytes) > old.bytes / 20)
    return fresh
  return { ...fresh, bytes: old.bytes }
}
