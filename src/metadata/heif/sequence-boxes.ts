import { readBoxes, type Box } from '../iso-boxes.js'

/** Returns the first box of a type. */
export function findBox(boxes: readonly Box[], type: string): Box | undefined {
  return boxes.find((box) => box.type === type)
}

/** Returns the boxes inside of the first box of a type; none without it. */
export function boxesIn(boxes: readonly Box[], type: string): readonly Box[] {
  const box = findBox(boxes, type)
  return box === undefined ? [] : readBoxes(box.body)
}

/** Returns the tracks of a movie, each as the boxes inside of it. (ISO 14496-12, section 8.3) */
export function readTracks(file: Buffer): readonly (readonly Box[])[] {
  return boxesIn(readBoxes(file), 'moov')
    .filter(({ type }) => type === 'trak')
    .map(({ body }) => readBoxes(body))
}

/** Returns the boxes of a track's table of samples. */
export function sampleBoxes(track: readonly Box[]): readonly Box[] {
  return boxesIn(boxesIn(boxesIn(track, 'mdia'), 'minf'), 'stbl')
}

/** Returns the type of a track's media, such as `pict` and `auxv`. (ISO 14496-12, section 8.4.3) */
export function handlerOf(track: readonly Box[]): string | undefined {
  return findBox(boxesIn(track, 'mdia'), 'hdlr')?.body.toString('latin1', 8, 12)
}
