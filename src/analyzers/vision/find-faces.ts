import { intersectionOverUnion, keepBest, type Candidate } from './boxes.js'
import { cutSquare, type Area, type View } from './view.js'
import { readBlazeFace, BLAZE_FACE } from './models/blaze-face.js'
import { runModel } from './models/model-worker.js'
import type { CallLimits } from '../../utils/disposable-pool.js'

/** Lowest score of a box that is worth a closer look. */
const MIN_SCORE = 0.45
/** Score from which a box is taken for a face without a closer look. */
const SURE_SCORE = 0.75
/** Score that a face has to reach at the closer look. */
const CLOSE_SCORE = 0.75
/** Sides of the square of a closer look, in sides of the box. */
const CLOSE_MARGIN = 3
/** Overlap of a box with the one that is looked at. */
const CLOSE_OVERLAP = 0.3
/** Closer looks at one picture, so that a picture that is full of weak boxes takes no longer than others. */
const MAX_CLOSE_LOOKS = 8

/** Squares that show a view from nearer must be this long, in pixels, for them to show more than the whole. */
const MIN_SQUARE = 128
/** The long side of a view must be this much longer than the short one. */
const MIN_ASPECT = 1.15
/** Squares overlap by a quarter of their side, so that a face at the border of one is whole in another. */
const STEP = 0.75
/** Squares along the long side. */
const MAX_SQUARES = 6

/** Faces of a crowd: this many, each smaller than this part of the short side of the view. */
const CROWD = 4
const CROWD_FACE = 1 / 9

/**
 * Finds faces in a view: in squares along its long side, in which small faces are larger, and in the whole; if there is a
 * crowd, in smaller squares too. Boxes of which the model is not sure are looked at again from near, which tells faces from things that resemble them.
 *
 * @returns boxes in fractions of the view, the surest first.
 */
export async function findFaces(view: View, limits: CallLimits): Promise<readonly Candidate[]> {
  const first = await lookFirst(view, limits)
  const second = isCrowd(view, keepBest(first)) ? await lookAt(view, squaresOf(view, 0.5), limits) : []
  const candidates = keepBest([...first, ...second.flatMap(({ boxes }) => boxes)])
  const unsure = candidates.filter(({ score }) => score < SURE_SCORE).slice(0, MAX_CLOSE_LOOKS)
  const closer = await lookAt(
    view,
    unsure.map((box) => aroundBox(view, box)),
    limits,
  )
  const confirmed = unsure.flatMap((box, index) => {
    const [best] = keepBest(
      closer[index]!.boxes.filter((other) => intersectionOverUnion(box, other) > CLOSE_OVERLAP),
    )
    return best !== undefined && best.score >= CLOSE_SCORE ? [best] : []
  })
  return keepBest([...candidates.filter(({ score }) => score >= SURE_SCORE), ...confirmed])
}

/**
 * Looks at the squares along the long side, then at the whole. If the squares show nothing, the whole would not either, since all
 * is smaller in it; a face that is too large for them is still seen in part. Most pictures have no face.
 */
async function lookFirst(view: View, limits: CallLimits): Promise<readonly Candidate[]> {
  const near = await lookAt(view, squaresOf(view, 1), limits)
  if (near.length > 0 && !near.some(({ showsAny }) => showsAny)) return []
  const whole = { left: 0, top: 0, width: view.width, height: view.height }
  return [...(await lookAt(view, [whole], limits)), ...near].flatMap(({ boxes }) => boxes)
}

/** Faces in an area of a view. */
interface Look {
  /** True if there are boxes, those that its borders cut off included. */
  readonly showsAny: boolean
  /** Boxes in fractions of the view. */
  readonly boxes: readonly Candidate[]
}

/** Looks at each area. */
async function lookAt(view: View, areas: readonly Area[], limits: CallLimits): Promise<readonly Look[]> {
  if (areas.length === 0) return []
  const squares = await Promise.all(areas.map((area) => cutSquare(view, area, BLAZE_FACE.side)))
  const outputs = await runModel(BLAZE_FACE, Buffer.concat(squares), limits)
  return areas.map((area, index) => {
    const all = readBlazeFace(outputs[index]!, MIN_SCORE).map((box) => toView(box, area, view))
    return { showsAny: all.length > 0, boxes: all.filter((box) => !isCutOff(box, area, view)) }
  })
}

/** Converts a box from fractions of an area's square to fractions of the view. */
function toView(box: Candidate, area: Area, view: View): Candidate {
  const side = Math.max(area.width, area.height)
  return {
    left: (area.left + box.left * side) / view.width,
    top: (area.top + box.top * side) / view.height,
    width: (box.width * side) / view.width,
    height: (box.height * side) / view.height,
    score: box.score,
  }
}

/** Returns true if a box reaches over a border of its area that is inside the view: another area shows it whole. */
function isCutOff(box: Candidate, area: Area, view: View): boolean {
  const [left, right] = [box.left * view.width, (box.left + box.width) * view.width]
  const [top, bottom] = [box.top * view.height, (box.top + box.height) * view.height]
  return (
    (area.left > 0 && left < area.left) ||
    (area.left + area.width < view.width && right > area.left + area.width) ||
    (area.top > 0 && top < area.top) ||
    (area.top + area.height < view.height && bottom > area.top + area.height)
  )
}

function isCrowd({ width, height }: View, faces: readonly Candidate[]): boolean {
  const most = CROWD_FACE * Math.min(width, height)
  return faces.filter((face) => Math.max(face.width * width, face.height * height) < most).length >= CROWD
}

/**
 * Returns squares that cover a view. None if they would show hardly more than the whole.
 *
 * @param part side of a square, in short sides of the view.
 */
function squaresOf({ width, height }: View, part: number): readonly Area[] {
  const short = Math.min(width, height)
  const side = Math.round(short * part)
  if (side < MIN_SQUARE || Math.max(width, height) / side < MIN_ASPECT) return []
  const tops = startsOf(height, side)
  return startsOf(width, side).flatMap((left) =>
    tops.map((top) => ({ left, top, width: side, height: side })),
  )
}

/** Returns where squares begin that cover a length. */
function startsOf(length: number, side: number): readonly number[] {
  const count = Math.min(MAX_SQUARES, Math.ceil(1 + (length - side) / (STEP * side)))
  if (count === 1) return [0]
  return Array.from({ length: count }, (_, index) => Math.round(((length - side) * index) / (count - 1)))
}

/**
 * Returns the square around a box. It may reach over the borders of the view: a face that fills the picture is seen as small
 * as others, which the model finds more easily.
 */
function aroundBox(view: View, box: Candidate): Area {
  const side = Math.ceil(CLOSE_MARGIN * Math.max(box.width * view.width, box.height * view.height))
  const start = (middle: number, length: number) =>
    Math.floor(Math.max(0, Math.min(middle, 1)) * length - side / 2)
  const left = start(box.left + box.width / 2, view.width)
  const top = start(box.top + box.height / 2, view.height)
  return { left, top, width: side, height: side }
}
