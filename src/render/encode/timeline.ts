import { ImgprocError } from '../../errors.js'
import { MAX_GIF_DELAY, readGif } from '../../metadata/gif-frames.js'
import { MAX_WEBP_DURATION, readWebpAnimation } from '../../metadata/webp-frames.js'

/** The timeline of an animation. */
export interface Timeline {
  /** Milliseconds of each frame. */
  readonly delay?: number[]
  /** Number of times it plays; 0 is endless. */
  readonly loop?: number
  /** Writes equal frames of a GIF one by one. By default they are joined. */
  readonly keepDuplicateFrames?: boolean
}

/** sharp accepts no greater delay, in milliseconds, and no greater loop. */
const SHARP_MAX = 65_535
/** libvips writes shorter frames of a WebP as 100 ms: browsers show them that long. */
const MIN_WEBP_MS = 11
const SLOW_WEBP_MS = 100
/** Milliseconds that stand for one frame. No encoder changes a delay of this length. */
const STAND_IN_MS = 20

/** Returns true if sharp takes a timeline as it is. */
export function isAccepted({ delay = [], loop = 0 }: Timeline): boolean {
  return loop <= SHARP_MAX && delay.every((ms) => ms <= SHARP_MAX)
}

/**
 * Returns a timeline that sharp accepts, with the same delay for all frames. Encoders join equal frames and add up their
 * delays: each delay in the file then tells how many frames were joined. `setTimeline` needs that.
 */
export function standIn({ delay = [], loop = 0 }: Timeline): Timeline {
  return { delay: delay.map(() => STAND_IN_MS), loop: Math.min(loop, SHARP_MAX) }
}

/**
 * Writes a timeline into an animation that was encoded with its stand-in. Values beyond those of the format become its
 * greatest: 655.35 seconds and 65536 plays in GIF, 4.66 hours and 65535 plays in WebP.
 *
 * @returns false, without changes, if joined frames of a GIF take longer than one frame can.
 */
export function setTimeline(file: Buffer, type: 'gif' | 'webp', timeline: Timeline): boolean {
  return type === 'gif' ? setGifTimeline(file, timeline) : setWebpTimeline(file, timeline)
}

function setGifTimeline(file: Buffer, { delay = [], loop = 0 }: Timeline): boolean {
  const { frames, loopAt } = readGif(file) ?? throwUnreadable('GIF')
  const fields = frames.map(({ delayAt }) => delayAt ?? throwUnreadable('GIF'))
  const counts = fields.map((at) => (file.readUInt16LE(at) * 10) / STAND_IN_MS)
  const centiseconds = join(
    delay.map((ms) => Math.min(Math.round(ms / 10), MAX_GIF_DELAY)),
    counts,
  )
  if (centiseconds.some((value) => value > MAX_GIF_DELAY)) return false
  for (const [index, at] of fields.entries()) file.writeUInt16LE(centiseconds[index] ?? 0, at)
  // The count in the file leaves out the first play.
  if (loopAt !== undefined && loop > 0) file.writeUInt16LE(Math.min(loop - 1, 65_535), loopAt)
  return true
}

function setWebpTimeline(file: Buffer, { delay = [], loop = 0 }: Timeline): boolean {
  const animation = readWebpAnimation(file)
  // If all frames are equal, the encoder writes a still.
  if (animation === undefined) return true
  const counts = animation.frames.map(({ duration }) => duration / STAND_IN_MS)
  const durations = join(
    delay.map((ms) => (ms < MIN_WEBP_MS ? SLOW_WEBP_MS : ms)),
    counts,
  )
  for (const [index, { durationAt }] of animation.frames.entries())
    file.writeUIntLE(Math.min(durations[index] ?? 0, MAX_WEBP_DURATION), durationAt, 3)
  file.writeUInt16LE(Math.min(loop, 65_535), animation.loopAt)
  return true
}

/** Adds up the values of joined frames. */
function join(values: readonly number[], counts: readonly number[]): number[] {
  let at = 0
  return counts.map((count) => values.slice(at, (at += count)).reduce((sum, value) => sum + value, 0))
}

function throwUnreadable(format: string): never {
  throw new ImgprocError('INTERNAL', `The encoder wrote a ${format} whose frames cannot be found.`, {
    stage: 'encode',
  })
}
