import type { Corpus, PhotoSet } from './corpus.js'
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
import type { Peer } from './peers.js'
import { compareWithPlain } from './pixels.js'

/** So many processes have something to do each. */
const FEWEST = 2

/** What every workload is given. */
export interface Bench {
  readonly corpus: Corpus
  readonly peers: readonly Peer[]
  /** Our command's file. */
  readonly imgproc: string
  readonly rounds: number
  /** So much of the full number of pictures is taken. */
  readonly share: number
  /** Folder of the outputs. */
  readonly out: string
}

/** Something that has to hold. */
export interface Check {
  readonly what: string
  readonly wanted: string
  readonly measured: string
  readonly holds: boolean
  /** Whether a few pictures can't tell. */
  readonly needsMany?: boolean
}

/** What came of a workload. */
export interface Outcome {
  readonly id: string
  readonly title: string
  /** What one round goes over. */
  readonly images: number
  readonly series: readonly Series[]
  readonly checks: readonly Check[]
  readonly notes: readonly string[]
}

/** One row of the list. */
export interface Workload {
  readonly id: string
  readonly title: string
  measure(bench: Bench): Promise<Omit<Outcome, 'id' | 'title'>>
}

/** How many pictures to take where so many are the full number. */
export function scaleCount({ share }: Bench, full: number): number {
  return Math.max(Math.round(full * share), FEWEST)
}

/** Our command with arguments, in a process of its own as a user starts it. */
export function callImgproc(bench: Bench, args: readonly string[]): Command {
  return { file: process.execPath, args: [bench.imgproc, ...args] }
}

/** Thumbnails as a user asks for them. */
export function makeThumbs(bench: Bench, more: readonly string[] = []): Contender {
  return {
    name: 'imgproc',
    role: 'ours',
    commands: ({ folder }, out) => [callImgproc(bench, ['thumbs', folder, '-o', out, ...more])],
  }
}

export interface ThumbsOptions {
  readonly kind: 'baseline' | 'progressive' | 'small' | 'alpha'
  readonly count: number
  /** How many times as fast as the best peer ours has to be. */
  readonly wanted?: number
  /** Which share of the limit's speed it has to reach. */
  readonly wantedOfLimit?: number
}

/** Thumbnails of at most 100x100 against all peers, and whether the pixels are those of the plain way. */
export async function measureThumbs(
  bench: Bench,
  options: ThumbsOptions,
): Promise<Omit<Outcome, 'id' | 'title'>> {
  const { kind, count, wanted, wantedOfLimit } = options
  const set = await bench.corpus.take(kind, scaleCount(bench, count))
  const each = await bench.corpus.take(kind)
  const peers = bench.peers.filter(({ readsPng }) => readsPng || kind !== 'alpha')
  const ours = makeThumbs(bench)
  const { series, notes } = await race([ours, ...peers], { ...bench, set, warmUp: each })
  const checks = [
    ...checkAgainstPeers(series, wanted),
    ...checkAgainstLimit(series, wantedOfLimit),
    await checkPixels(bench, ours, each),
  ]
  return { images: set.files.length, series, checks, notes }
}

/** Runs ours over pictures and compares what it makes with the plain way. */
export async function checkPixels(
  bench: Bench,
  ours: Contender,
  set: PhotoSet,
  open?: (file: string) => Promise<string | Buffer>,
): Promise<Check> {
  const { folder } = await runOnce(ours, set, bench.out)
  const { max, mean } = await compareWithPlain(set.files, folder, open)
  return {
    what: 'pixels against the plain way',
    wanted: 'the same',
    measured: max === 0 ? 'the same' : `up to ${max} levels apart, ${mean.toFixed(3)} in the mean`,
    holds: max === 0,
  }
}

/** Ours against the peer that comes nearest. */
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

/** Nothing where there is nothing to compare with. */
function checkRatio(
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
      wanted: `at least ${wanted}`,
      measured: showSpread(ratio),
      holds,
      needsMany: true,
    },
  ]
}

export function showSpread({ min, median, max }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`
}
