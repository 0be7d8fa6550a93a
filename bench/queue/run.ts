/**
 * Measures what a queue costs, with a Redis that it starts (Debian: redis-server):
 *
 * - images a second through Redis and one worker process, relative to a local run over the same pictures, in turn;
 * - simulated machines, whose work is a wait, relative to as many times the speed of one;
 * - jobs a second that a producer adds.
 *
 *   npm run bench:queue -- [--rounds 5] [--images 5000] [--machines 16] [--only local,machines,producer] [--work DIR]
 *
 * Exits with 1 if a requirement is not met.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Job } from '../../src/jobs/types.js'
import type * as OutputClaimsModule from '../../src/plan/output-claims.js'
import type * as EnqueueModule from '../../src/queue/enqueue.js'
import type * as OpenQueueModule from '../../src/queue/open-queue.js'
import type * as QueueEngineModule from '../../src/queue/queue-engine.js'
import { startRedis } from '../../test/support/redis.js'
import { createCorpus } from '../corpus.js'

const BIN = fileURLToPath(new URL('../../bin/imgproc.cjs', import.meta.url))
const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url))
/** Milliseconds of an image of a simulated machine. */
const WAIT = 20
/** Images of each simulated machine. */
const EACH = 250
/** Jobs that the producer adds. */
const JOBS = 50_000

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    images: { type: 'string', default: '5000' },
    machines: { type: 'string', default: '16' },
    only: { type: 'string', default: 'producer,machines,local' },
    work: { type: 'string', default: join(tmpdir(), 'imgproc-bench') },
  },
})
const rounds = Number(values.rounds)
const parts = { producer: measureProducer, machines: measureMachines, local: compareWithLocal }
for (const [name, measure] of Object.entries(parts))
  if (values.only.split(',').includes(name)) await measure()

function report(what: string, measured: readonly number[], wanted: number): void {
  const sorted = measured.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  const shown = [median, sorted[0] ?? 0, sorted.at(-1) ?? 0].map((value) =>
    value.toFixed(wanted < 10 ? 2 : 0),
  )
  console.log(`${what}: ${shown[0]} (${shown[1]} to ${shown[2]}), wanted ${wanted}`)
  if (median < wanted) process.exitCode = 1
}

/** Loads the built engine: it runs in this process, and the compiler of the bench would cost it time. */
async function openBuilt(url: string) {
  const load = (file: string): Promise<unknown> => import(`../../dist/${file}`)
  const { openQueue } = (await load('queue/open-queue.js')) as typeof OpenQueueModule
  const { createQueueEngine } = (await load('queue/queue-engine.js')) as typeof QueueEngineModule
  const { createOutputClaims } = (await load('plan/output-claims.js')) as typeof OutputClaimsModule
  const { enqueueJobs } = (await load('queue/enqueue.js')) as typeof EnqueueModule
  return { open: await openQueue(url), createQueueEngine, createOutputClaims, enqueueJobs }
}

function makeJobs(count: number): Job[] {
  const ops = [{ thumbnail: 100 }]
  return Array.from({ length: count }, (_, at) => ({
    id: String(at),
    path: `${at}.jpg`,
    source: { ref: `/photos/${at}.jpg`, size: 60_000 },
    renditions: [{ preset: 'thumb', target: `${at}.jpg`, recipe: '0', ops }],
    out: '/thumbs',
    analyze: [],
    limits: { pixels: 1e8, bytes: 1e8, frames: 1, seconds: 60 },
    failOn: 'error',
  }))
}

async function measureProducer(): Promise<void> {
  const speeds: number[] = []
  for (let round = 0; round < rounds; round++) {
    const redis = await startRedis()
    const { open, enqueueJobs, createOutputClaims } = await openBuilt(redis.url)
    const jobs = makeJobs(JOBS)
    const claims = createOutputClaims(jobs)
    claims.isExclusive(jobs[0]!)
    const started = performance.now()
    await enqueueJobs(open, jobs, claims, { shared: ['/'] })
    speeds.push(JOBS / ((performance.now() - started) / 1000))
    await open.close()
    await redis.stop()
  }
  report(`jobs a second that a producer adds, of ${JOBS}`, speeds, 5000)
}

async function measureMachines(): Promise<void> {
  const machines = Number(values.machines)
  const ratios: number[] = []
  for (let round = 0; round < rounds; round++) {
    const [one, all] = [await simulate(1), await simulate(machines)]
    console.log(`  1 machine ${one.toFixed(1)} a second, ${machines} machines ${all.toFixed(1)}`)
    ratios.push(all / (one * machines))
  }
  report(`${machines} simulated machines of ${WAIT} ms an image, relative to linear`, ratios, 0.9)
}

/** Returns the images a second of some machines. */
async function simulate(machines: number): Promise<number> {
  const redis = await startRedis()
  const workers: ChildProcess[] = []
  for (let at = 0; at < machines; at++) {
    const worker = spawn(process.execPath, [WORKER, redis.url, String(WAIT)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(worker.stdout, 'data')
    workers.push(worker)
  }
  const { open, createQueueEngine, createOutputClaims } = await openBuilt(redis.url)
  const jobs = makeJobs(machines * EACH)
  const claims = createOutputClaims(jobs)
  const engine = createQueueEngine(open, { shared: ['/'] })({ jobs, claims, isCurrent: async () => true })
  const started = performance.now()
  let made = 0
  for await (const { error } of engine.run(jobs)) if (error === undefined) made++
  const seconds = (performance.now() - started) / 1000
  if (made !== jobs.length) throw new Error(`only ${made} of ${jobs.length} images were made`)
  await open.close()
  await Promise.all(workers.map(end))
  await redis.stop()
  return made / seconds
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

async function compareWithLocal(): Promise<void> {
  const images = Number(values.images)
  const corpus = await createCorpus({ work: values.work, quick: false })
  const { folder } = await corpus.take('small', images)
  const out = join(values.work, 'queue-out')
  const redis = await startRedis()
  const worker = spawn(
    process.execPath,
    [BIN, 'worker', '--queue', redis.url, '--shared', values.work, '--shared', folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  await once(worker.stdout, 'data')
  const queue = ['--queue', redis.url, '--shared', values.work, '--shared', folder]
  const ratios: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const local = await time(out, ['thumbs', folder, '-o', out])
    const queued = await time(out, ['thumbs', folder, '-o', out, ...queue])
    console.log(
      `  local ${(images / local).toFixed(0)} images a second, queue ${(images / queued).toFixed(0)}`,
    )
    // The first warms up the worker and the page cache.
    if (round > 0) ratios.push(local / queued)
  }
  await end(worker)
  await redis.stop()
  report(`images a second of ${images} pictures through the queue, relative to a local run`, ratios, 0.9)
}

/** Returns the seconds of a command. */
async function time(out: string, words: readonly string[]): Promise<number> {
  await rm(out, { recursive: true, force: true })
  const started = performance.now()
  const child = spawn(process.execPath, [BIN, ...words, '--quiet'], { stdio: 'inherit' })
  const [code] = (await once(child, 'exit')) as [number]
  if (code !== 0) throw new Error(`imgproc ${words.join(' ')} ended with ${code}`)
  return (performance.now() - started) / 1000
}
