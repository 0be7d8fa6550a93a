import { intersectionOverUnion } from '../../src/analyzers/vision/boxes.js'
import type { Region } from '../../src/analyzers/vision/types.js'
import type { KnownFace } from './known-faces.js'

/** Faces of one photo: those known, and those that the analyzer found. */
export interface Comparison {
  readonly photo: string
  readonly found: readonly KnownFace[]
  readonly missed: readonly KnownFace[]
  /** Boxes of no known face. */
  readonly wrong: readonly Region[]
  /** Overlap of each face that was found with its known box, as intersection over union; not of those drawn by hand. */
  readonly overlaps: readonly number[]
}

/**
 * Compares the boxes of an analyzer with the faces known. A box finds a face if the middle of each lies in the other, which is
 * so whatever part of a head a detector calls a face. Each box finds one face at most.
 */
export function compareFaces(
  photo: string,
  known: readonly KnownFace[],
  boxes: readonly Region[],
): Comparison {
  const left = new Set(boxes)
  const found: KnownFace[] = []
  const missed: KnownFace[] = []
  const overlaps: number[] = []
  for (const face of known) {
    const best = [...left]
      .filter((box) => holdsMiddle(face, box) && holdsMiddle(box, face))
      .toSorted((a, b) => intersectionOverUnion(face, b) - intersectionOverUnion(face, a))[0]
    if (best !== undefined) left.delete(best)
    if (face.optional === true) continue
    if (best === undefined) {
      missed.push(face)
      continue
    }
    found.push(face)
    if (face.hand !== true) overlaps.push(intersectionOverUnion(face, best))
  }
  return { photo, found, missed, wrong: [...left], overlaps }
}

function holdsMiddle(box: Region, other: Region): boolean {
  const x = other.left + other.width / 2
  const y = other.top + other.height / 2
  return x > box.left && x < box.left + box.width && y > box.top && y < box.top + box.height
}
