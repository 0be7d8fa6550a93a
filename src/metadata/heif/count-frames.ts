import { readBoxes, type Box } from '../iso-boxes.js'

/**
 * Returns the number of frames of an image sequence, as in an animated AVIF; undefined for a still. The tracks of its alpha and
 * thumbnails count no frames of their own. (ISO 14496-12, sections 8.4.3 and 8.7.3; ISO 23008-12, section 7)
 */
export function countSequenceFrames(bytes: Uint8Array): number | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.toString('latin1', 4, 8) !== 'ftyp') return undefined
  const movie = find(readBoxes(file), 'moov')
  if (movie === undefined) return undefined
  const counts = readBoxes(movie.body)
    .filter(({ type }) => type === 'trak')
    .map(countSamples)
  const most = Math.max(0, ...counts)
  return most > 1 ? most : undefined
}

/** Returns the samples of a track of pictures; 0 for another. */
function countSamples(track: Box): number {
  const media = find(readBoxes(track.body), 'mdia')
  const parts = media === undefined ? [] : readBoxes(media.body)
  const handler = find(parts, 'hdlr')?.body.toString('latin1', 8, 12)
  if (handler !== 'pict' && handler !== 'vide') return 0
  const table = find(inside(inside(parts, 'minf'), 'stbl'), 'stsz')?.body
  return table === undefined || table.length < 12 ? 0 : table.readUInt32BE(8)
}

function inside(boxes: readonly Box[], type: string): readonly Box[] {
  const box = find(boxes, type)
  return box === undefined ? [] : readBoxes(box.body)
}

function find(boxes: readonly Box[], type: string): Box | undefined {
  return boxes.find((box) => box.type === type)
}
