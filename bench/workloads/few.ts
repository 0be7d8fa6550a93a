import { checkRatio, makeThumbs, measureThumbs, type Workload } from '../bench.js'
import { race, type Contender } from '../measure.js'

/** Each run takes a tenth of a second, so many are affordable, and needed for a stable median. */
const RUNS_A_ROUND = 3

/** Seconds of a run relative to `node -e 0`, at most. */
const MOST_OF_NODE = 2.2

export const onePhoto: Workload = {
  id: '10a',
  title: 'one photo of 12 MP to 100x100',
  async measure(bench) {
    const rounds = bench.rounds * RUNS_A_ROUND
    const outcome = await measureThumbs(
      { ...bench, rounds },
      { kind: 'large', count: 1, wantedOver: { vipsthumbnail: 1 / 1.2 } },
    )
    const set = await bench.corpus.take('large', 1)
    const node: Contender = {
      name: 'node -e 0',
      role: 'limit',
      commands: () => [{ file: process.execPath, args: ['-e', '0'] }],
    }
    const { series } = await race([makeThumbs(bench), node], { ...bench, rounds, set, warmUp: set })
    const checks = checkRatio(series, series[1], 'node -e 0', 1 / MOST_OF_NODE)
    return { ...outcome, checks: [...outcome.checks, ...checks] }
  },
}

export const dozen: Workload = {
  id: '10b',
  title: '12 photos of 2 to 12 MP to 100x100',
  measure: (bench) =>
    measureThumbs(
      { ...bench, share: 1, rounds: bench.rounds * RUNS_A_ROUND },
      { kind: 'baseline', count: 12, wantedOver: { vipsthumbnail: 1, mogrify: 1, 'sharp loop': 1 } },
    ),
}

export const album: Workload = {
  id: '10c',
  title: '72 photos of 2 to 12 MP to 100x100',
  measure: (bench) => measureThumbs(bench, { kind: 'baseline', count: 72, wanted: 1.3 }),
}
