import { makeThumbs, showSpread, scaleCount, type Bench, type Check, type Workload } from '../bench.js'
import { emptyFolder } from '../corpus.js'
import { measurePeak } from '../memory.js'
import { spreadOf, type Contender } from '../measure.js'

/** Megabytes that ours may take at most, on two cores. */
const MOST = 500
/** How much more 500 photos may take than 100: what varies from run to run. */
const FLAT = 1.2
/** Peers that hold everything at once would fill a machine with more. */
const FEW = 100
const MANY = 500

export const memory: Workload = {
  id: '8',
  title: 'most memory over 100 and over 500 photos',
  async measure(bench) {
    if (process.platform !== 'linux')
      return nothing('only Linux tells how much memory a tree of processes holds')
    const [few, many] = [scaleCount(bench, FEW), scaleCount(bench, MANY)]
    const ours = makeThumbs(bench)
    const peaks = { few: [] as number[], many: [] as number[] }
    for (let round = 0; round < Math.min(bench.rounds, 3); round++) {
      peaks.few.push(await weigh(bench, ours, few))
      peaks.many.push(await weigh(bench, ours, many))
    }
    const notes: string[] = [`imgproc over ${few} photos: ${showSpread(spreadOf(peaks.few), 0)} MB`]
    for (const peer of bench.peers.filter(({ role }) => role === 'peer')) {
      const peak = await weigh(bench, peer, few)
      notes.push(`${peer.name} over ${few} photos: ${peak.toFixed(0)} MB`)
    }
    return { images: many, series: [], checks: checkPeaks(peaks), notes }
  },
}

async function weigh(bench: Bench, contender: Contender, count: number): Promise<number> {
  const set = await bench.corpus.take('baseline', count)
  await emptyFolder(bench.out)
  return measurePeak(contender.commands(set, bench.out))
}

function checkPeaks({ few, many }: { few: readonly number[]; many: readonly number[] }): Check[] {
  const peak = spreadOf(many)
  const growth = peak.median / spreadOf(few).median
  return [
    {
      what: 'most memory (PSS) of all processes',
      wanted: `under ${MOST} MB`,
      measured: `${showSpread(peak, 0)} MB`,
      holds: peak.max < MOST,
      needsMany: true,
    },
    {
      what: 'memory of the many against the few',
      wanted: `at most ${FLAT}`,
      measured: growth.toFixed(2),
      holds: growth <= FLAT,
      needsMany: true,
    },
  ]
}

function nothing(note: string) {
  return { images: 0, series: [], checks: [], notes: [note] }
}
