import { ImgprocError } from '../../errors.js'
import type { Box } from '../iso-boxes.js'
import { findBox } from './sequence-boxes.js'

/** Coded data of a track, in the order in which it is decoded. */
export interface Samples {
  readonly data: readonly Buffer[]
  /** Indices of samples that need none before them, rising, the first is 0. */
  readonly keys: readonly number[]
  /** Time of each sample, in units of the media. */
  readonly durations: readonly number[]
}

/** Returns the error of a sequence whose tables contradict each other or the file. */
export function createSequenceError(reason: string): ImgprocError {
  const message = `The animated AVIF is damaged: ${reason}. Copy or download the file again, or make a still of its first frame with failOn none (--fail-on none).`
  return new ImgprocError('CORRUPT_IMAGE', message, { stage: 'decode' })
}

/**
 * Reads the samples of a track, as its tables tell their places. (ISO 14496-12, sections 8.6 and 8.7)
 *
 * Throws CORRUPT_IMAGE, and RangeError if a table ends too early.
 */
export function readSamples(file: Buffer, table: readonly Box[]): Samples {
  const sizes = readSizes(need(table, 'stsz'), file.length)
  const starts = readStarts(table, sizes)
  const data = sizes.map((size, index) => {
    const start = starts[index]!
    if (start + size > file.length)
      throw createSequenceError(`it ends too early, in frame ${index} of ${sizes.length}`)
    return file.subarray(start, start + size)
  })
  return { data, keys: readKeys(table, sizes.length), durations: readDurations(table, sizes.length) }
}

function need(table: readonly Box[], type: string): Buffer {
  const box = findBox(table, type)
  if (box === undefined) throw createSequenceError(`its frames have no box ${type}`)
  return box.body
}

/** Reads the sizes of samples. Samples that overlap would make a small file large. */
function readSizes(stsz: Buffer, fileBytes: number): readonly number[] {
  const [same, count] = [stsz.readUInt32BE(4), stsz.readUInt32BE(8)]
  if (count > fileBytes) throw createSequenceError(`it tells ${count} frames, more than it has bytes`)
  const sizes = Array.from({ length: count }, (_, index) => same || stsz.readUInt32BE(12 + 4 * index))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total > fileBytes)
    throw createSequenceError(`it ends too early: its frames take ${total} bytes, the file has ${fileBytes}`)
  return sizes
}

/** Returns the place of each sample: samples follow each other in a chunk, and a table tells how many each chunk has. */
function readStarts(table: readonly Box[], sizes: readonly number[]): readonly number[] {
  const chunks = readChunks(table)
  const runs = readEntries(need(table, 'stsc'), 12, (body, at) => ({
    first: body.readUInt32BE(at) - 1,
    samples: body.readUInt32BE(at + 4),
  }))
  const starts: number[] = []
  let run = 0
  for (const [chunk, start] of chunks.entries()) {
    while (run + 1 < runs.length && runs[run + 1]!.first <= chunk) run++
    let at = start
    const end = Math.min(starts.length + (runs[run]?.samples ?? 0), sizes.length)
    while (starts.length < end) {
      const size = sizes[starts.length]!
      starts.push(at)
      at += size
    }
  }
  if (starts.length < sizes.length)
    throw createSequenceError(`it tells the place of ${starts.length} frames of ${sizes.length}`)
  return starts
}

function readChunks(table: readonly Box[]): readonly number[] {
  const long = findBox(table, 'co64')?.body
  if (long !== undefined) return readEntries(long, 8, (body, at) => Number(body.readBigUInt64BE(at)))
  return readEntries(need(table, 'stco'), 4, (body, at) => body.readUInt32BE(at))
}

/** Returns the samples that begin anew. Without a table only the first is known to, as browsers take it. */
function readKeys(table: readonly Box[], count: number): readonly number[] {
  const stss = findBox(table, 'stss')?.body
  const told = stss === undefined ? [] : readEntries(stss, 4, (body, at) => body.readUInt32BE(at) - 1)
  const keys = new Set([0, ...told.filter((key) => key > 0 && key < count)])
  return [...keys].toSorted((a, b) => a - b)
}

/** Returns the time of each sample. The last entry of the table holds for all that follow, as in browsers. */
function readDurations(table: readonly Box[], count: number): readonly number[] {
  const runs = readEntries(need(table, 'stts'), 8, (body, at) => ({
    samples: body.readUInt32BE(at),
    duration: body.readUInt32BE(at + 4),
  }))
  const durations: number[] = []
  for (const { samples, duration } of runs) {
    const end = Math.min(durations.length + samples, count)
    while (durations.length < end) durations.push(duration)
  }
  const last = runs.at(-1)?.duration ?? 0
  while (durations.length < count) durations.push(last)
  return durations
}

/** Reads a table of entries of equal size, behind its version and number of entries. */
function readEntries<T>(body: Buffer, bytes: number, read: (body: Buffer, at: number) => T): readonly T[] {
  const count = body.readUInt32BE(4)
  if (8 + count * bytes > body.length) throw new RangeError('The table ends too early.')
  return Array.from({ length: count }, (_, index) => read(body, 8 + index * bytes))
}
