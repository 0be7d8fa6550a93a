/**
 * Examines the analyzer `faces` on photos of your own: counts faces found, missed and wrong, and tells how far its boxes
 * agree with those of another detector. Prints a Markdown table, with a row for each folder of photos.
 *
 *   npm run bench:faces -- --photos DIR --boxes FILE.json [--propose] [--draw DIR]
 *
 * FILE.json has the faces of each photo, in fractions of the picture: { "team.jpg": [{ "left": 0.1, "top": 0.2,
 * "width": 0.1, "height": 0.2 }], "tree.jpg": [] }. `"hand": true` marks a box that was drawn by hand, and `"optional": true` a face
 * that need not be found. `--propose` asks another detector about photos that are not in the file, and writes its boxes there:
 * look at them, and correct what is wrong. `--draw` writes the photos with the known boxes in green, and those found in red.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { inspect } from '../src/index.js'
import { compareFaces, type Comparison } from './faces/compare.js'
import { drawBoxes } from './faces/draw.js'
import { loadJudge } from './faces/judge.js'
import { listPhotos, readKnownFaces, type KnownFaces } from './faces/known-faces.js'
import { writeTable } from './faces/table.js'

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      photos: { type: 'string' },
      boxes: { type: 'string' },
      draw: { type: 'string' },
      propose: { type: 'boolean', default: false },
    },
  })
  const { photos: folder, boxes: file, draw, propose } = values
  if (folder === undefined || file === undefined)
    throw new Error('Expected --photos DIR and --boxes FILE.json')
  const photos = await listPhotos(folder)
  const known = await readKnownFaces(file)
  const all = propose ? await proposeBoxes(folder, photos, known) : known
  if (propose) await writeFile(file, `${JSON.stringify(all, undefined, 1)}\n`)

  const comparisons: Comparison[] = []
  for (const photo of photos) {
    const faces = all[photo]
    if (faces === undefined) {
      console.log(`${photo} is not in ${file}, and is left out.`)
      continue
    }
    const { analysis, analysisErrors } = await inspect(join(folder, photo), { analyze: ['faces'] })
    if (analysis?.faces === undefined) {
      console.log(`${photo} is left out: ${analysisErrors?.[0]?.error.message}`)
      continue
    }
    const { faces: found } = analysis.faces
    comparisons.push(compareFaces(photo, faces, found))
    if (draw !== undefined) await drawBoxes(join(folder, photo), join(draw, `${photo}.jpg`), faces, found)
  }
  console.log(writeTable(comparisons))
}

/** Returns the known faces, with those that another detector sees in the photos that are not among them. */
async function proposeBoxes(
  folder: string,
  photos: readonly string[],
  known: KnownFaces,
): Promise<KnownFaces> {
  const judge = await loadJudge()
  const all: Record<string, KnownFaces[string]> = { ...known }
  for (const photo of photos) all[photo] ??= await judge(join(folder, photo))
  return all
}

await main()
