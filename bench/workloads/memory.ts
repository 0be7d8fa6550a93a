import { makeThumbs, showSpread, scaleCount, type Bench, type Check, type Workload } from '../bench.js'
import type { Kind } from '../corpus.js'
import { measurePeak } from '../memory.js'
import { makeFolder, spreadOf, type Contender, type Spread } from '../measure.js'

/** Most megabytes that imgproc may take on two cores. */
const MOST = 500
/** Most that 500 photos may take relative to 100. The margin covers the variation between runs. */
const FLAT = 1.2
/** Peers that open all images at once would need too much memory for more. */
const FEW = 100
const MANY = 500

/** Images in the mix, and the megabytes of its `--memory`. */
const MIXED = 120
const GIVEN = 500
/** Most rounds. Each takes a minute. */
const MOST_ROUNDS = 3

export const memory: Workload = {
  id: '8',
  title: 'peak memory over 100 and over 500 photos, and over a mix',
  async measure(bench) {
    if (process.platform !== 'linux')
      return nothing('the memory of a tree of processes can only be measured on Linux')
    const few = scaleCount(bench, FEW)
    const many = scaleCount(bench, MANY)
    const mixed = scaleCount(bench, MIXED)
    const [ours, shared] = [makeThumbs(bench), makeThumbs(bench, ['--workers=2'])]
    const thrifty = makeThumbs(bench, [`--memory=${GIVEN}MB`])
    const take = (contender: Contender, kind: Kind, count: number) =>
      repeat(bench, () => weigh(bench, contender, kind, count))
    const alone = { few: await take(ours, 'baseline', few), many: await take(ours, 'baseline', many) }
    const both = { few: await take(shared, 'baseline', few), many: await take(shared, 'baseline', many) }
    const mix = await take(thrifty, 'mixed', mixed)
    const notes: string[] = [`imgproc over ${few} photos: ${showSpread(alone.few, 0)} MB`]
    for (const peer of bench.peers.filter(({ role }) => role === 'peer')) {
      const peak = await weigh(bench, peer, 'baseline', few)
      notes.push(`${peer.name} over ${few} photos: ${peak.toFixed(0)} MB`)
    }
    const { files } = await bench.corpus.take('heic')
    if (files.length === 0) notes.push('the mix has no HEIC: name a folder that has one with --photos')
    const checks = [
      ...checkPeaks('', alone),
      ...checkPeaks(', two workers', both),
      checkPeak(`peak memory over a mix of kinds, --memory=${GIVEN}MB`, mix, GIVEN),
    ]
    return { images: many, series: [], checks, notes }
  },
}

async function repeat(bench: Bench, measure: () => Promise<number>): Promise<Spread> {
  const peaks: number[] = []
  for (let round = 0; round < Math.min(bench.rounds, MOST_ROUNDS); round++) peaks.push(await measure())
  return spreadOf(peaks)
}

async function weigh(bench: Bench, contender: Contender, kind: Kind, count: number): Promise<number> {
  const set = await bench.corpus.take(kind, count)
  return measurePeak(contender.commands(set, await makeFolder(bench.out)))
}

function checkPeaks(how: string, { few, many }: { few: Spread; many: Spread }): Check[] {
  const growth = many.median / few.median
  return [
    checkPeak(`peak memory (PSS) of all processes${how}`, many, MOST),
    {
      what: `memory of ${MANY} photos relative to ${FEW}${how}`,
      wanted: `at most ${FLAT}`,
      measured: growth.toFixed(2),
      holds: growth <= FLAT,
      needsMany: true,
    },
  ]
}

function checkPeak(what: string, peak: Spread, most: number): Check {
  return {
    what,
    wanted: `under ${most} MB`,
    measured: `${showSpread(peak, 0)} MB`,
    holds: peak.max < most,
    needsMany: true,
  }
}

function nothing(note: string) {
  return { images: 0, series: [], checks: [], notes: [note] }
}
