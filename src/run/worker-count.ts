import { availableParallelism } from 'node:os'
import { wantsPreview } from '../render/preview/open-source.js'
import { isTranscoded } from '../jobs/transcoding.js'
import type { Job } from '../jobs/types.js'
import type { JobList } from '../plan/types.js'
import { defaultConcurrency } from '../engines/concurrency.js'
import type { ResolvedRun } from './types.js'
import { MIN_IMAGE_BYTES, defaultMemory, PROCESS_BYTES } from '../engines/memory-budget.js'

/** In bytes. Larger images keep sharp's threads busy enough for one JavaScript thread to keep up. */
const SMALL_IMAGE = 256 * 1024

/**
 * Images times cores from which on worker processes save more time than they take to start, warm up and be given jobs:
 * 600 images on two cores. The more cores there are, the sooner they wait for the one JavaScript thread.
 */
const IMAGES_TO_PAY = 1200
/** A process is still warming up while it makes fewer. */
const FEWEST_IMAGES = 250

/**
 * Bytes that this process may hold for each image in work, long after the image is done: glibc returns little of the
 * memory that many threads allocated. An environment variable changes that, but only before a process starts.
 */
const MAX_RETAINED_BYTES = 256e6

/** Memory in bytes of a 12 megapixel picture that is decoded by WebAssembly or by an AV1 decoder. */
const HEAVY_PICTURE = 400e6
const HEAVY = /\.(?:avif|hei[cf])$/i

/** Returns how many worker processes to start; 0 if this process is to make all images. */
export function countWorkers(
  jobs: JobList,
  options: Pick<ResolvedRun, 'workers' | 'concurrency' | 'memory'>,
): number {
  const { workers, concurrency = Infinity } = options
  const memory = defaultMemory(options.memory)
  let [small, hasHeavy] = [0, false]
  for (const job of jobs) {
    if (isSmall(job)) small++
    hasHeavy ||= HEAVY.test(job.path)
  }
  const wanted = workers ?? Math.max(countForSpeed(jobs, small), countForMemory(jobs, memory))
  return Math.min(wanted, concurrency, jobs.length, countThatFit(hasHeavy, memory))
}

/** Returns the processes that make a run faster: two or more if there are many images and most are small. */
function countForSpeed({ length }: JobList, small: number): number {
  const cores = availableParallelism()
  if (small * cores < IMAGES_TO_PAY || small * 2 < length) return 0
  const processes = Math.min(cores, Math.floor(small / FEWEST_IMAGES))
  return processes > 1 ? processes : 0
}

/**
 * Cores that one JavaScript thread keeps busy when JPEGs are transcoded by our own threads. With two processes on two
 * cores, 8,000 JPEGs of 640x480 took a sixth longer, and 960 previews a seventh.
 */
const CORES_FOR_TRANSCODING = 2

/** True if JavaScript is a large part of the work: for a small image, or one whose embedded preview may serve. */
function isSmall(job: Job): boolean {
  const {
    source: { size },
    renditions,
  } = job
  if (availableParallelism() <= CORES_FOR_TRANSCODING && isTranscoded(job)) return false
  if (size > 0 && size <= SMALL_IMAGE) return true
  return renditions.length > 0 && renditions.every(({ ops }) => wantsPreview(ops))
}

/** Returns 1 if memory is so short that this process would retain too much of it. */
function countForMemory({ length }: JobList, memory: number): number {
  const atOnce = defaultConcurrency()
  return length > atOnce && memory < atOnce * MAX_RETAINED_BYTES ? 1 : 0
}

/** Returns how many processes can each decode the heaviest picture at the same time. */
function countThatFit(hasHeavy: boolean, memory: number): number {
  const heaviest = hasHeavy ? HEAVY_PICTURE : MIN_IMAGE_BYTES
  return Math.max(Math.floor((memory - PROCESS_BYTES) / (PROCESS_BYTES + heaviest)), 1)
}
