/**
 * Measures imgproc beside the other tools on the machine, over generated or real images: seconds of whole processes, ratios
 * within a round, and requirements. docs/performance.md explains the method.
 *
 *   npm run bench -- [--photos DIR] [--only 1,3] [--peers NAMES] [--rounds 5] [--json FILE] [--plot FILE] [--share 0.2]
 *                [--quick] [--than FILE]
 *
 * Exits with 1 if a requirement is not met. With --quick only the pixels count.
 */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Bench, Outcome, Workload } from './bench.js'
import { createCorpus } from './corpus.js'
import { findPeers } from './peers.js'
import { drawPlot } from './plot.js'
import { writeTable, type Machine, type Report } from './table.js'
import { baseline } from './workloads/baseline.js'
import { album, dozen, onePhoto } from './workloads/few.js'
import { memory } from './workloads/memory.js'
import { previews } from './workloads/previews.js'
import { adobeRgb, displayP3, grey } from './workloads/profiles.js'
import { progressive } from './workloads/progressive.js'
import { rerun } from './workloads/rerun.js'
import { s3 } from './workloads/s3.js'
import { serve } from './workloads/serve.js'
import { small } from './workloads/small.js'
import { startUp } from './workloads/start-up.js'
import { thumbs } from './workloads/thumbs.js'
import { transparent } from './workloads/transparent.js'
import { webp } from './workloads/webp.js'
import { widths } from './workloads/widths.js'
import { workers } from './workloads/workers.js'

const LARGE_RUNS = [baseline, progressive, small, widths, transparent, rerun, startUp, memory, previews]
const SMALL_RUNS = [onePhoto, dozen, album]
const KINDS = [thumbs, displayP3, adobeRgb, grey, webp]
const WORKLOADS = [...LARGE_RUNS, ...SMALL_RUNS, ...KINDS, s3, workers, ...serve]
const HERE = fileURLToPath(new URL('..', import.meta.url))

const OPTIONS = {
  /** Folder of real photos, instead of generated images. */
  photos: { type: 'string' },
  /** Numbers of workloads. */
  only: { type: 'string' },
  /** Names of peers to measure beside, separated by commas. By default all. */
  peers: { type: 'string' },
  rounds: { type: 'string' },
  json: { type: 'string' },
  plot: { type: 'string' },
  /** A few images and one round, to see that everything works. */
  quick: { type: 'boolean', default: false },
  /** Share of the images, such as 0.2, for a quick look. */
  share: { type: 'string' },
  /** Folder where images and npm peers are kept from run to run. */
  work: { type: 'string', default: join(tmpdir(), 'imgproc-bench') },
  /** The imgproc command to measure. */
  imgproc: { type: 'string', default: join(HERE, 'bin/imgproc.cjs') },
  /** The imgproc command of an older build, measured beside it where the requirement is about that. */
  than: { type: 'string' },
} as const

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS })
  const { quick } = values
  const work = resolve(values.work)
  const imgproc = resolve(values.imgproc)
  const than = values.than === undefined ? undefined : resolve(values.than)
  const chosen = chooseWorkloads(values.only)
  const rounds = chooseRounds(values.rounds ?? (quick ? '1' : '5'))
  const share = chooseShare(values.share ?? (quick ? '0.01' : '1'))
  for (const build of [imgproc, than]) if (build !== undefined) await checkBuilt(build)
  await mkdir(work, { recursive: true })
  const corpus = await createCorpus({ work, photos: values.photos, quick })
  const names = values.peers?.split(',').map((name) => name.trim())
  const { found: peers, missing } = await findPeers(work, { fetch: !quick, ...(names && { names }) })
  for (const sentence of missing) console.error(sentence)

  const out = await mkdtemp(join(work, 'out-'))
  try {
    const bench: Bench = { corpus, peers, imgproc, than, rounds, share, work, out }
    const machine = await describeMachine(bench)
    const outcomes: Outcome[] = []
    for (const workload of chosen) {
      outcomes.push(await measure(bench, workload))
      // After each workload, so that an interrupted run keeps its results.
      await keep({ machine, outcomes }, values)
    }
    console.log(writeTable({ machine, outcomes }))
    const failed = outcomes
      .flatMap(({ checks }) => checks)
      .filter(({ holds, needsMany }) => !holds && !(quick && needsMany === true))
    if (failed.length > 0) process.exitCode = 1
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

/** Measures a workload. If it throws, it counts as failed, and the others are still measured. */
async function measure(bench: Bench, workload: Workload): Promise<Outcome> {
  const { id, title } = workload
  console.error(`${id}: ${title} …`)
  return { id, title, ...(await workload.measure(bench).catch(breakDown)) }
}

function breakDown(error: unknown): Omit<Outcome, 'id' | 'title'> {
  const measured = error instanceof Error ? error.message : String(error)
  const check = { what: 'it runs', wanted: 'yes', measured: measured.split('\n')[0] ?? '', holds: false }
  return { images: 0, series: [], checks: [check], notes: measured.split('\n').slice(1) }
}

async function keep(report: Report, { json, plot }: { json?: string; plot?: string }): Promise<void> {
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report, undefined, 2)}\n`)
  if (plot !== undefined) await writeFile(plot, drawPlot(report))
}

async function describeMachine({ peers, corpus, rounds }: Bench): Promise<Machine> {
  const { version } = JSON.parse(await readFile(join(HERE, 'package.json'), 'utf8')) as { version: string }
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? 'unknown CPU',
    node: process.versions.node,
    imgproc: version,
    peers: peers.map(({ label }) => label),
    pictures: corpus.name,
    rounds,
  }
}

function chooseWorkloads(only: string | undefined): readonly Workload[] {
  if (only === undefined) return WORKLOADS
  return only.split(',').map((id) => {
    const workload = WORKLOADS.find((each) => each.id === id)
    if (workload === undefined) {
      const ids = WORKLOADS.map((each) => each.id).join(', ')
      throw new Error(`--only takes some of ${ids}, separated by commas, got "${id}"`)
    }
    return workload
  })
}

function chooseRounds(text: string): number {
  const rounds = Number(text)
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds takes a whole number, 1 or more, got "${text}"`)
  return rounds
}

function chooseShare(text: string): number {
  const share = Number(text)
  if (!(share > 0 && share <= 1))
    throw new Error(`--share takes a number above 0 and at most 1, got "${text}"`)
  return share
}

async function checkBuilt(imgproc: string): Promise<void> {
  // Older builds have no command.cjs in it.
  const main = resolve(imgproc, '../../dist/bundle')
  if ((await stat(main).catch(() => undefined)) === undefined)
    throw new Error(`${main} does not exist. Run "npm run build" first.`)
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
})
