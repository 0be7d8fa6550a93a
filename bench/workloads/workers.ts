import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { makeThumbs, scaleCount, showSpread, type Bench, type Workload } from '../bench.js'
import { compare, race, type Contender, type Series } from '../measure.js'

const MACHINE = fileURLToPath(new URL('../simulated-machine.mjs', import.meta.url))
const WORKERS = [1, 2, 4, 8, 16]
/** Images of each simulated worker. Starting 16 processes on two cores takes as long as hundreds. */
const EACH = 2000
/** Milliseconds that a simulated core takes for an image. */
const IMAGE = 4
/** Images that all workers of a real machine share. */
const SHARED = 4000

export const workers: Workload = {
  id: '15',
  title: `${WORKERS.join(', ')} workers`,
  async measure(bench) {
    const set = await bench.corpus.take('small', scaleCount(bench, SHARED))
    const warmUp = await bench.corpus.take('small')
    const cores = availableParallelism()
    const each = scaleCount(bench, EACH)
    const simulated = await race(
      WORKERS.map((count) => simulate(count, each)),
      { ...bench, set: warmUp, warmUp },
    )
    const counts = cores > 2 ? WORKERS.filter((count) => count <= cores) : []
    const real = await race(
      counts.map((count) => start(bench, count)),
      { ...bench, set, warmUp },
    )
    const notes = [
      ...compareWithFirst(simulated.series, 'of the speed of the same workers if each were alone'),
      ...compareWithFirst(real.series, 'times as fast as one'),
      ...(counts.length === 0 ? [`${cores} cores are too few for real images in 4 or more workers`] : []),
    ]
    return { images: 0, series: [...simulated.series, ...real.series], checks: [], notes }
  },
}

/** Workers whose work is a wait, so that the machine may have more cores than this one. Each has its own images. */
function simulate(count: number, each: number): Contender {
  return {
    name: `${count} simulated, ${each} images each`,
    role: 'limit',
    commands: () => [
      { file: process.execPath, args: [MACHINE, String(count), String(count * each), String(IMAGE)] },
    ],
  }
}

function start(bench: Bench, count: number): Contender {
  return {
    ...makeThumbs(bench, [`--workers=${count}`, `--concurrency=${count * 2}`]),
    name: `${count} real`,
    role: 'peer',
  }
}

function compareWithFirst([one, ...more]: readonly Series[], meaning: string): string[] {
  return one === undefined
    ? []
    : more.map((series) => `${series.name}: ${showSpread(compare(series, one))} ${meaning}`)
}
