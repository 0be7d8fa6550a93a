import type { Corpus, Kind, PhotoSet } from './corpus.js'
import {
  bestPeer,
  compare,
  race,
  runOnce,
  type Command,
  type Contender,
  type Series,
  type Spread,
} from './measure.js'
import type { Peer, Task } from './peers.js'
import { compareWithPlain } from './pixels.js'

/** Fewest images of a workload, so that each process of a peer has some. */
const FEWEST = 2

/** Settings that every workload gets. */
export interface Bench {
  readonly corpus: Corpus
  readonly peers: readonly Peer[]
  /** File of the imgproc command. */
  readonly imgproc: string
  /** File of the command of another build, to compare with. */
  readonly than?: string | undefined
  readonly rounds: number
  /** Share of the full number of images, up to 1. */
  readonly share: number
  /** Folder where images and packages are kept from run to run. */
  readonly work: string
  /** Folder for the outputs of all runs. */
  readonly out: string
}

/** A requirement and its measurement. */
export interface Check {
  readonly what: string
  readonly wanted: string
  readonly measured: string
  readonly holds: boolean
  /** True if a few images are too few to decide. */
  readonly needsMany?: boolean
}

/** Result of a workload. */
export interface Outcome {
  readonly id: string
  readonly title: string
  /** Number of images in a round. */
  readonly images: number
  readonly series: readonly Series[]
  readonly checks: readonly Check[]
  readonly notes: readonly string[]
}

/** A row of the table in docs/performance.md. */
export interface Workload {
  readonly id: string
  readonly title: string
  measure(bench: Bench): Promise<Omit<Outcome, 'id' | 'title'>>
}

/** Scales a full number of images by the share. */
export function scaleCount({ share }: Bench, full: number): number {
  return Math.max(Math.round(full * share), FEWEST)
}

/** Returns the imgproc command with arguments, as a user starts it. */
export function callImgproc(bench: Bench, args: readonly string[]): Command {
  return { file: process.execPath, args: [bench.imgproc, ...args] }
}

/** Returns the contender that runs `imgproc thumbs`. */
export function makeThumbs(bench: Bench, more: readonly string[] = []): Contender {
  return callOnFolder(bench, 'thumbs', more)
}

/** Returns the contender that does a task as peers do it. */
function doTask(bench: Bench, { size, format }: Task): Contender {
  const as = format === undefined ? [] : ['--format', format]
  return callOnFolder(bench, 'run', ['--thumbnail', String(size), ...as])
}

function callOnFolder(bench: Bench, command: string, more: readonly string[]): Contender {
  return {
    name: 'imgproc',
    role: 'ours',
    commands: ({ folder }, out) => [callImgproc(bench, [command, folder, '-o', out, ...more])],
  }
}

export interface ThumbsOptions {
  readonly kind: Exclude<Kind, 'heic' | 'mixed'>
  readonly count: number
  /** @default at most 100x100, in the format of the source */
  readonly task?: Task
  /** Required ratio to the best peer. */
  readonly wanted?: number
  /** Required ratios to some peers, by name. */
  readonly wantedOver?: Readonly<Record<string, number>>
  /** Required share of the limit's speed. */
  readonly wantedOfLimit?: number
}

/** Races thumbnails against all peers, and compares the pixels with the reference. */
export async function measureThumbs(
  bench: Bench,
  options: ThumbsOptions,
): Promise<Omit<Outcome, 'id' | 'title'>> {
  const { kind, count, task, wanted, wantedOver = {}, wantedOfLimit } = options
  const set = await bench.corpus.take(kind, count === 1 ? 1 : scaleCount(bench, count))
  const each = await bench.corpus.take(kind)
  const able = bench.peers.filter(({ readsPng }) => readsPng || kind !== 'alpha')
  const peers = task === undefined ? able : able.flatMap((peer) => peer.with(task) ?? [])
  const ours = task === undefined ? makeThumbs(bench) : doTask(bench, task)
  const { series, notes } = await race([ours, ...peers], { ...bench, set, warmUp: each })
  const checks = [
    ...checkAgainstPeers(series, wanted),
    ...Object.entries(wantedOver).flatMap(([name, least]) => {
      const other = series.find((one) => one.name === name)
      return checkRatio(series, other, name, least)
    }),
    ...checkAgainstLimit(series, wantedOfLimit),
    await checkPixels(bench, ours, each),
  ]
  return { images: set.files.length, series, checks, notes }
}

/** Runs imgproc over images and compares its outputs with plain calls of sharp. */
export async function checkPixels(
  bench: Bench,
  ours: Contender,
  set: PhotoSet,
  open?: (file: string) => Promise<string | Buffer>,
): Promise<Check> {
  const { folder } = await runOnce(ours, set, bench.out)
  const { max, mean } = await compareWithPlain(set.files, folder, open)
  return {
    what: 'pixels against plain sharp',
    wanted: 'the same',
    measured: max === 0 ? 'the same' : `up to ${max} levels apart, ${mean.toFixed(3)} on average`,
    holds: max === 0,
  }
}

/** Compares imgproc with the fastest peer. */
export function checkAgainstPeers(series: readonly Series[], wanted: number | undefined): Check[] {
  const peer = bestPeer(series)
  return wanted === undefined
    ? []
    : checkRatio(series, peer, `the best peer, ${peer?.name ?? 'none'}`, wanted)
}

function checkAgainstLimit(series: readonly Series[], wanted: number | undefined): Check[] {
  const limit = series.find(({ role }) => role === 'limit')
  return wanted === undefined ? [] : checkRatio(series, limit, `the limit, ${limit?.name ?? 'none'}`, wanted)
}

/** Returns no check if there is no contender to compare with. */
export function checkRatio(
  series: readonly Series[],
  other: Series | undefined,
  name: string,
  wanted: number,
): Check[] {
  const ours = series.find(({ role }) => role === 'ours')
  if (ours === undefined || other === undefined) return []
  const ratio = compare(ours, other)
  const holds = ratio.median >= wanted
  return [
    {
      what: `speed against ${name}`,
      wanted: `at least ${Number(wanted.toFixed(2))}`,
      measured: showSpread(ratio),
      holds,
      needsMany: true,
    },
  ]
}

export function showSpread({ min, median, max }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`
}
