import { callImgproc, showSpread, type Workload } from '../bench.js'
import { compare, race, type Contender } from '../measure.js'

/** Each run takes a twentieth of a second, so many are affordable, and needed for a stable median. */
const RUNS_A_ROUND = 4

export const startUp: Workload = {
  id: '7',
  title: 'start-up: --version',
  async measure(bench) {
    const set = await bench.corpus.take('tiny', 1)
    const version = callImgproc(bench, ['--version'])
    const node = { file: process.execPath, args: ['-e', '0'] }
    const ours: Contender = { name: 'imgproc --version', role: 'limit', commands: () => [version] }
    const least: Contender = { name: 'node -e 0', role: 'limit', commands: () => [node] }
    const rounds = bench.rounds * RUNS_A_ROUND
    const { series, notes } = await race([ours, least], { ...bench, rounds, set, warmUp: set })
    const [ourSeries, leastSeries] = series
    if (ourSeries === undefined || leastSeries === undefined) return { images: 0, series, checks: [], notes }
    // The time of imgproc relative to node, so the arguments are swapped.
    const ratio = compare(leastSeries, ourSeries)
    const check = {
      what: 'time against node -e 0',
      wanted: 'under 2',
      measured: showSpread(ratio),
      holds: ratio.median < 2,
      needsMany: true,
    }
    return { images: 0, series, checks: [check], notes }
  },
}
