import type { Box } from '../iso-boxes.js'
import { findBox, handlerOf, readTracks, sampleBoxes } from './sequence-boxes.js'

/**
 * Returns the number of frames of an image sequence, as in an animated AVIF; undefined for a still. The tracks of its alpha and
 * thumbnails count no frames of their own. (ISO 14496-12, sections 8.4.3 and 8.7.3; ISO 23008-12, section 7)
 */
export function countSequenceFrames(bytes: Uint8Array): number | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.toString('latin1', 4, 8) !== 'ftyp') return undefined
  const most = Math.max(0, ...readTracks(file).map(countSamples))
  return most > 1 ? most : undefined
}

/** Returns the samples of a track of pictures; 0 for another. */
function countSamples(track: readonly Box[]): number {
  const handler = handlerOf(track)
  if (handler !== 'pict' && handler !== 'vide') return 0
  const table = findBox(sampleBoxes(track), 'stsz')?.body
  return table === undefined || table.length < 12 ? 0 : table.readUInt32BE(8)
}
