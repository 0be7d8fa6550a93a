import { availableParallelism } from 'node:os'
import { wantsPreview } from '../render/preview/open-from-head.js'
import { wantsTranscode } from '../render/jpeg-to-jpeg.js'
import type { Job } from '../jobs/types.js'
import { defaultConcurrency } from '../engines/concurrency.js'
import type { RunOptions } from './options.js'
import { LEAST, defaultMemory, PROCESS } from '../engines/memory-budget.js'

/** Bytes. Of larger ones sharp's threads have enough to do, and one thread of JavaScript keeps up with them. */
const SMALL_IMAGE = 256 * 1024

/**
 * Images, times cores, from which on time is saved that it takes to start processes, to warm them up and to tell them
 * what to do: 600 on two cores. The more cores there are, the sooner they wait for the one thread of JavaScript.
 */
const IMAGES_TO_PAY = 1200
/** Fewer are made before a process has warmed up. */
const FEWEST_IMAGES = 250

/**
 * Bytes that this process may come to hold for each image at once, long after it was made: glibc gives little back of
 * what many threads have needed. It can be told to before a process starts, and a worker is.
 */
const LEFT_BEHIND = 256e6

/** What a picture of 12 megapixels takes that is read by WebAssembly, or by an AV1 decoder. */
const HEAVY_PICTURE = 400e6
const JPEG = /\.jpe?g$/i
const HEAVY = /\.(?:avif|hei[cf])$/i

/** How many processes had better share some images; 0 where this one had better make them all. */
export function countWorkers(jobs: readonly Job[], options: RunOptions): number {
  const { workers, concurrency = Infinity } = options
  const memory = defaultMemory(options.memory)
  const wanted = workers ?? Math.max(countForSpeed(jobs), countForMemory(jobs, memory))
  return Math.min(wanted, concurrency, jobs.length, countThatFit(jobs, memory))
}

/** Processes that make a run faster: two or more where most images are small, and there are many. */
function countForSpeed(jobs: readonly Job[]): number {
  const small = jobs.filter(isSmall).length
  const cores = availableParallelism()
  if (small * cores < IMAGES_TO_PAY || small * 2 < jobs.length) return 0
  const processes = Math.min(cores, Math.floor(small / FEWEST_IMAGES))
  return processes > 1 ? processes : 0
}

/**
 * Cores that one thread of JavaScript keeps busy with JPEGs that threads of ours remake: in two processes on two cores
 * 8,000 of 640x480 take a sixth longer, and 960 previews a seventh.
 */
const CORES_FOR_REMAKES = 2

/** Whether JavaScript is much of the work: of a small image, or one whose preview may do. */
function isSmall({ path, source: { size }, renditions }: Job): boolean {
  const isRemade = JPEG.test(path) && renditions.every(({ ops }) => wantsTranscode(ops))
  if (isRemade && availableParallelism() <= CORES_FOR_REMAKES) return false
  if (size > 0 && size <= SMALL_IMAGE) return true
  return renditions.length > 0 && renditions.every(({ ops }) => wantsPreview(ops))
}

/** One where memory is so short that what this process doesn't give back would be too much. */
function countForMemory(jobs: readonly Job[], memory: number): number {
  const atOnce = defaultConcurrency()
  return jobs.length > atOnce && memory < atOnce * LEFT_BEHIND ? 1 : 0
}

/** As many as can each decode the heaviest picture at the same time. */
function countThatFit(jobs: readonly Job[], memory: number): number {
  const heaviest = jobs.some(({ path }) => HEAVY.test(path)) ? HEAVY_PICTURE : LEAST
  return Math.max(Math.floor((memory - PROCESS) / (PROCESS + heaviest)), 1)
}
