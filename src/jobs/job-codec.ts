import type { Codec } from '../utils/spool/lines.js'
import type { Job, OutputResult, Rendition } from './types.js'

/** The parts of a job that all jobs of an output folder have in common. */
type CommonPart = Pick<Job, 'out' | 'baseUrl' | 'limits' | 'failOn'>
/** The parts of a rendition that do not depend on the source. */
type UnplacedPart = Omit<Rendition, 'target' | 'reason' | 'before'>

type EncodedRendition = readonly [unplaced: number, target: string, reason: string | 0, before?: string]

type EncodedJob = readonly [
  common: number,
  id: string,
  path: string,
  source: Job['source'],
  renditions: readonly EncodedRendition[],
  analyze: readonly string[],
  isSame: 0 | 1,
  settled?: readonly OutputResult[],
]

/** Converts jobs to plain data that is written as JSON, and back. */
export interface JobCodec {
  readonly pack: (job: Job) => unknown
  /** Returns a job with the keys in the same order, since an id in a queue is the hash of its JSON. */
  readonly unpack: (packed: unknown) => Job
}

/**
 * Creates a codec for the jobs of one run. Keeps what many of them share, such as operations, in a list, and gives all of
 * them the same objects again.
 */
export function createJobCodec(): JobCodec {
  const commons: CommonPart[] = []
  const unplaced: UnplacedPart[] = []
  const indexes = new Map<Rendition['ops'], number[]>()
  const indexOfCommon = (job: Job) => {
    const known = commons.findIndex((common) => isCommon(common, job))
    return known >= 0 ? known : commons.push(job) - 1
  }
  const indexOfUnplaced = (rendition: Rendition) => {
    const same = indexes.get(rendition.ops) ?? []
    indexes.set(rendition.ops, same)
    const known = same.find((index) => isUnplacedPart(unplaced[index], rendition))
    if (known !== undefined) return known
    const { target: _, reason: _reason, before: _before, ...part } = rendition
    const index = unplaced.push(part) - 1
    same.push(index)
    return index
  }
  const packRendition = (rendition: Rendition): EncodedRendition => {
    const { target, reason = 0, before } = rendition
    const index = indexOfUnplaced(rendition)
    return before === undefined ? [index, target, reason] : [index, target, reason, before]
  }
  const unpackRendition = ([index, target, reason, before]: EncodedRendition): Rendition => {
    const part = { target, ...at(unplaced, index) }
    if (reason === 0) return part
    return before === undefined
      ? { ...part, reason: reason as NonNullable<Rendition['reason']> } // as packed
      : { ...part, reason: reason as NonNullable<Rendition['reason']>, before }
  }
  return {
    pack(job): EncodedJob {
      const { id, path, source, renditions, analyze, isSame, settled } = job
      const packed = renditions.map(packRendition)
      const flag = isSame === true ? 1 : 0
      const common = indexOfCommon(job)
      return settled === undefined
        ? [common, id, path, source, packed, analyze, flag]
        : [common, id, path, source, packed, analyze, flag, settled]
    },
    unpack(data) {
      const [common, id, path, source, renditions, analyze, isSame, settled] = data as EncodedJob // by `pack`
      const { out, baseUrl, limits, failOn } = at(commons, common)
      return {
        id,
        path,
        source,
        renditions: renditions.map(unpackRendition),
        out,
        ...(baseUrl !== undefined && { baseUrl }),
        analyze,
        limits,
        failOn,
        ...(isSame === 1 && { isSame: true }),
        ...(settled !== undefined && { settled }),
      }
    },
  }
}

/** Returns a codec of lines. */
export function toJobLines({ pack, unpack }: JobCodec): Codec<Job> {
  return {
    encode: (job) => JSON.stringify(pack(job)),
    decode: (text) => unpack(JSON.parse(text)),
  }
}

function isCommon(common: CommonPart, job: Job): boolean {
  return (
    common.limits === job.limits &&
    common.out === job.out &&
    common.baseUrl === job.baseUrl &&
    common.failOn === job.failOn
  )
}

function isUnplacedPart(part: UnplacedPart | undefined, rendition: Rendition): boolean {
  return (
    part !== undefined &&
    part.recipe === rendition.recipe &&
    part.preset === rendition.preset &&
    part.width === rendition.width &&
    part.narrower === rendition.narrower
  )
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index]
  if (value === undefined) throw new RangeError(`The spool has no part ${index}.`)
  return value
}
