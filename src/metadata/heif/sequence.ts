import { readBoxes, type Box } from '../iso-boxes.js'
import { createSequenceError, readSamples, type Samples } from './sample-table.js'
import { boxesIn, findBox, readTracks, sampleBoxes } from './sequence-boxes.js'

/** Pictures of one kind: colours, or alpha. */
export interface SequenceTrack extends Samples {
  /** Boxes that describe its pictures: av1C, colr and others. */
  readonly properties: readonly Box[]
}

/** Frames of an animated AVIF. */
export interface AvifSequence {
  readonly width: number
  readonly height: number
  readonly colour: SequenceTrack
  readonly alpha: SequenceTrack | undefined
  readonly isPremultiplied: boolean
  /** Milliseconds of each frame. */
  readonly delay: readonly number[]
  /** Number of times it plays; 0 is endless. */
  readonly loop: number
}

/** Bytes of a sample entry before its boxes. (ISO 14496-12, section 12.1.3) */
const ENTRY_BYTES = 78

const ALPHA_TYPES: ReadonlySet<string> = new Set([
  'urn:mpeg:mpegB:cicp:systems:auxiliary:alpha',
  'urn:mpeg:hevc:2015:auxid:1',
])

/** Returns true if a file presents itself as a still. Browsers show it as one, whatever tracks it has. */
export function isNamedStill(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(4, 12)).toString('latin1') === 'ftypavif'
}

/**
 * Reads the frames of an animated AVIF, without decoding them: those of its first track of colours, as in browsers.
 * Returns undefined if it has none in AV1. (AV1 Image File Format, section 3)
 *
 * Throws CORRUPT_IMAGE if its tables contradict each other or the file.
 */
export function readSequence(bytes: Uint8Array): AvifSequence | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    const tracks = readTracks(file).map(describeTrack)
    const coded = tracks.filter(({ entry }) => entry?.type === 'av01')
    const main = coded.find(({ references }) => !references.has('auxl'))
    if (main?.entry === undefined) return undefined
    const auxiliary = coded.find(
      (track) => track.references.get('auxl')?.includes(main.id) && isAlpha(track.entry),
    )
    const alpha = auxiliary && openTrack(file, auxiliary)
    const colour = openTrack(file, main)
    if (alpha !== undefined && alpha.data.length < colour.data.length)
      throw createSequenceError(`it has alpha for ${alpha.data.length} frames of ${colour.data.length}`)
    return {
      width: main.entry.body.readUInt16BE(24),
      height: main.entry.body.readUInt16BE(26),
      colour,
      alpha,
      isPremultiplied:
        auxiliary !== undefined && main.references.get('prem')?.includes(auxiliary.id) === true,
      delay: toMilliseconds(colour.durations, main.timescale),
      loop: readLoop(main),
    }
  } catch (error) {
    if (error instanceof RangeError) throw createSequenceError('a table of its frames ends too early')
    throw error
  }
}

interface TrackHeader {
  readonly boxes: readonly Box[]
  readonly id: number
  /** Length with all repetitions; Infinity without end. */
  readonly duration: number
  readonly timescale: number
  readonly entry: Box | undefined
  /** Tracks that it refers to, by the type of reference. */
  readonly references: ReadonlyMap<string, readonly number[]>
}

function describeTrack(boxes: readonly Box[]): TrackHeader {
  const { id, duration } = readTrackHeader(findBox(boxes, 'tkhd')?.body ?? Buffer.alloc(0))
  const mdhd = findBox(boxesIn(boxes, 'mdia'), 'mdhd')?.body ?? Buffer.alloc(0)
  const stsd = findBox(sampleBoxes(boxes), 'stsd')?.body
  const references = boxesIn(boxes, 'tref').map(({ type, body }) => {
    const ids = Array.from({ length: Math.floor(body.length / 4) }, (_, index) =>
      body.readUInt32BE(4 * index),
    )
    return [type, ids] as const
  })
  return {
    boxes,
    id,
    duration,
    timescale: mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12),
    entry: stsd && readBoxes(stsd.subarray(8))[0],
    references: new Map(references),
  }
}

/** (ISO 14496-12, section 8.3.2) */
function readTrackHeader(tkhd: Buffer): Pick<TrackHeader, 'id' | 'duration'> {
  if (tkhd[0] !== 1) {
    const short = tkhd.readUInt32BE(20)
    return { id: tkhd.readUInt32BE(12), duration: short === 0xffff_ffff ? Infinity : short }
  }
  const long = tkhd.readBigUInt64BE(28)
  const isEndless = long === 0xffff_ffff_ffff_ffffn
  return { id: tkhd.readUInt32BE(20), duration: isEndless ? Infinity : Number(long) }
}

function isAlpha(entry: Box | undefined): boolean {
  const auxi = entry && findBox(propertiesOf(entry), 'auxi')?.body
  // Old encoders leave it out.
  if (auxi === undefined) return true
  return ALPHA_TYPES.has(auxi.toString('latin1', 4).split('\0', 1)[0]!)
}

function propertiesOf(entry: Box): readonly Box[] {
  return readBoxes(entry.body.subarray(ENTRY_BYTES))
}

function openTrack(file: Buffer, { boxes, entry }: TrackHeader): SequenceTrack {
  const properties = entry === undefined ? [] : propertiesOf(entry)
  if (findBox(properties, 'av1C') === undefined) throw createSequenceError('its frames have no box av1C')
  return { ...readSamples(file, sampleBoxes(boxes)), properties }
}

/** Longest time of a frame that formats hold, in milliseconds. */
const MAX_DELAY = 2 ** 24 - 1

/** Rounds the moments at which frames begin, so that errors do not add up. */
function toMilliseconds(durations: readonly number[], timescale: number): readonly number[] {
  if (timescale === 0) return durations.map(() => 0)
  let end = 0
  return durations.map((duration) => {
    const start = end
    end += duration
    const delay = Math.round((end * 1000) / timescale) - Math.round((start * 1000) / timescale)
    return Math.min(delay, MAX_DELAY)
  })
}

/**
 * Returns the number of times a track plays: its edit list tells the length of one time, its header that of all. Without a
 * list it plays endlessly, as in browsers. (ISO 14496-12, section 8.6.6; ISO 23008-12, section 9.6.1)
 */
function readLoop({ boxes, duration }: TrackHeader): number {
  const list = findBox(boxesIn(boxes, 'edts'), 'elst')?.body
  if (list === undefined) return 0
  const repeats = (list[3]! & 1) === 1
  if (!repeats) return 1
  const once = list[0] === 1 ? Number(list.readBigUInt64BE(8)) : list.readUInt32BE(8)
  if (duration === Infinity || once === 0) return 0
  return Math.max(1, Math.ceil(duration / once))
}
