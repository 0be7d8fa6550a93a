import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { checkPixels, makeThumbs, showSpread, scaleCount, type Bench, type Workload } from '../bench.js'
import { readPreview } from '../exif-preview.js'
import { compare, race, type Contender } from '../measure.js'

const FLAG = '--preview=embedded'
const SCRIPT = fileURLToPath(new URL('../bare-previews.mjs', import.meta.url))
/** How many times as fast as without previews. */
const WANTED = 10

/** What nobody can do without: see there. */
const BARE: Contender = {
  name: 'nothing but the pictures',
  role: 'limit',
  commands: ({ folder }, out) => [{ file: process.execPath, args: [SCRIPT, folder, out] }],
}

export const previews: Workload = {
  id: '9',
  title: `JPEG of 2 to 12 MP that carry previews to 100x100`,
  async measure(bench) {
    if (!(await knowsPreviews(bench))) return nothing(`this imgproc doesn't know ${FLAG} yet`)
    const count = scaleCount(bench, 960)
    const set = await bench.corpus.take('preview', count)
    const each = await bench.corpus.take('preview')
    const ours: Contender = { ...makeThumbs(bench, [FLAG]), name: `imgproc ${FLAG}` }
    // The same command without the flag: workload 1 once more, in the same rounds.
    const plain: Contender = { ...makeThumbs(bench), name: 'imgproc', role: 'peer' }
    // Others know nothing of previews: the quickest of them makes the photos as they are.
    const loop = bench.peers.filter(({ name }) => name === 'sharp loop')
    const { series, notes } = await race([ours, plain, ...loop, BARE], { ...bench, set, warmUp: each })
    const pixels = await checkPixels(bench, ours, each, async (file) => readPreview(await readFile(file)))
    const [fast, slow] = series
    if (fast === undefined || slow === undefined) return { images: count, series, checks: [pixels], notes }
    const ratio = compare(fast, slow)
    const check = {
      what: 'speed against the same without previews',
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
