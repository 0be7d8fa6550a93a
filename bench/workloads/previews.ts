import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { checkPixels, makeThumbs, showSpread, scaleCount, type Bench, type Workload } from '../bench.js'
import { readPreview } from '../exif-preview.js'
import { compare, race, type Contender } from '../measure.js'

const FLAG = '--preview=embedded'
const SCRIPT = fileURLToPath(new URL('../bare-previews.mjs', import.meta.url))
/** Required ratio to a run without previews. */
const WANTED = 10

/** The limit: see bare-previews.mjs. */
const BARE: Contender = {
  name: 'nothing but the pictures',
  role: 'limit',
  commands: ({ folder }, out) => [{ file: process.execPath, args: [SCRIPT, folder, out] }],
}

export const previews: Workload = {
  id: '9',
  title: 'JPEG of 2 to 12 MP with EXIF previews to 100x100',
  async measure(bench) {
    if (!(await knowsPreviews(bench))) return nothing(`this version of imgproc does not have ${FLAG}`)
    const count = scaleCount(bench, 960)
    const set = await bench.corpus.take('preview', count)
    const each = await bench.corpus.take('preview')
    const ours: Contender = { ...makeThumbs(bench, [FLAG]), name: `imgproc ${FLAG}` }
    // The same command without the flag, as in workload 1, in the same rounds.
    const plain: Contender = { ...makeThumbs(bench), name: 'imgproc', role: 'peer' }
    // The other tools do not use previews. The fastest of them makes the photos from their full content.
    const loop = bench.peers.filter(({ name }) => name === 'sharp loop')
    const { series, notes } = await race([ours, plain, ...loop, BARE], { ...bench, set, warmUp: each })
    const pixels = await checkPixels(bench, ours, each, async (file) => readPreview(await readFile(file)))
    const [fast, slow] = series
    if (fast === undefined || slow === undefined) return { images: count, series, checks: [pixels], notes }
    const ratio = compare(fast, slow)
    const check = {
      what: 'speed against imgproc without previews',
      wanted: `at least ${WANTED}`,
      measured: showSpread(ratio),
      holds: ratio.median >= WANTED,
      needsMany: true,
    }
    return { images: set.files.length, series, checks: [check, pixels], notes }
  },
}

async function knowsPreviews({ imgproc }: Bench): Promise<boolean> {
  const { stdout } = await promisify(execFile)(process.execPath, [imgproc, 'thumbs', '--help'])
  return stdout.includes('--preview <')
}

function nothing(note: string) {
  return { images: 0, series: [], checks: [], notes: [note] }
}
