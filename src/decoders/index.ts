import type { Decoder } from '../image/types.js'
import { createFastJpeg } from '../jpeg/jpeg-accelerator.js'
import { createHeicDecoder } from './heic.js'

/** For JPEGs: one for the whole process, likewise. */
export const fastJpeg = createFastJpeg()

/** What reads formats that sharp doesn't: one for the whole process, since its threads cost memory. */
export const decoders: readonly Decoder[] = [createHeicDecoder()]

/** Another, for where memory is short: nothing is kept for the next picture, which takes a quarter longer then. */
const thrifty: readonly Decoder[] = [createHeicDecoder({ idleSeconds: 0 })]

/** Bytes. With less, a thread that waits for its next picture would keep all others waiting. */
const ENOUGH_TO_KEEP = 1e9

/** Decoders for so many bytes of memory. */
export function decodersFor(bytes: number): readonly Decoder[] {
  return bytes < ENOUGH_TO_KEEP ? thrifty : decoders
}

/** Bytes that all of these keep at the moment. */
export function retainedBytesOf(all: readonly Pick<Decoder, 'retainedBytes'>[]): number {
  return all.reduce((sum, { retainedBytes }) => sum + (retainedBytes?.() ?? 0), 0)
}
