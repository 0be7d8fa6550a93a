import { makeThumbs, showSpread, scaleCount, type Bench, type Check, type Workload } from '../bench.js'
import type { Kind } from '../corpus.js'
import { measurePeak } from '../memory.js'
import { makeFolder, spreadOf, type Contender, type Spread } from '../measure.js'

/** Megabytes that ours may take at most, on two cores. */
const MOST = 500
/** How much more 500 photos may take than 100: what varies from run to run. */
const FLAT = 1.2
/** Peers that hold everything at once would fill a machine with more. */
const FEW = 100
const MANY = 500

/** Pictures of every kind that a decoder holds much of, and what the run may take for them. */
const MIXED = 120
const GIVEN = 500
/** Each takes a minute. */
const MOST_ROUNDS = 3

export const memory: Workload = {
  id: '8',
  title: 'most memory over 100 and over 500 photos, and over a mix',
  async measure(bench) {
    if (process.platform !== 'linux')
      return nothing('only Linux tells how much memory a tree of processes holds')
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
    if (files.length === 0) notes.push('no HEIC is in the mix: --photos names a folder with one')
    const checks = [
      ...checkPeaks('', alone),
      ...checkPeaks(', two workers', both),
      checkPeak(`most memory over a mix of kinds, --memory=${GIVEN}MB`, mix, GIVEN),
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
    checkPeak(`most memory (PSS) of all processes${how}`, many, MOST),
    {
      what: `memory of the many against the few${how}`,
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
