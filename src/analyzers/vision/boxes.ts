import type { Region } from './types.js'

/** A region that a model has found, and how sure it is, from 0 to 1. */
export interface Candidate extends Region {
  readonly score: number
}

/** Returns the area that two regions share, divided by the area of both together: 1 if they are equal. */
export function intersectionOverUnion(a: Region, b: Region): number {
  const shared = sharedArea(a, b)
  return shared === 0 ? 0 : shared / (areaOf(a) + areaOf(b) - shared)
}

/** Returns the area of a region. */
function areaOf({ width, height }: Region): number {
  return width * height
}

function sharedArea(a: Region, b: Region): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left)
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top)
  return width > 0 && height > 0 ? width * height : 0
}

/** Two boxes that overlap more than this show the same thing. */
const SAME_OVERLAP = 0.3
/** A box of which more than this lies inside another shows a part of it. */
const SAME_INSIDE = 0.7

/** Returns true if two boxes show the same thing, or one a part of the other. */
export function isSame(a: Region, b: Region): boolean {
  const smaller = Math.min(areaOf(a), areaOf(b))
  return intersectionOverUnion(a, b) > SAME_OVERLAP || sharedArea(a, b) > SAME_INSIDE * smaller
}

/** Returns the best box of each thing, the surest first (non-maximum suppression). */
export function keepBest<C extends Candidate>(
  candidates: readonly C[],
  same: (a: C, b: C) => boolean = isSame,
): readonly C[] {
  const kept: C[] = []
  for (const one of candidates.toSorted((a, b) => b.score - a.score)) {
    if (!kept.some((other) => same(one, other))) kept.push(one)
  }
  return kept
}

/**
 * Sorts regions by importance, the most important first: by area, weighted by the distance of their middle from that of
 * the picture. At a corner a region counts for half.
 */
export function sortByImportance<C extends Candidate>(regions: readonly C[]): readonly C[] {
  return regions.toSorted((a, b) => importanceOf(b) - importanceOf(a) || b.score - a.score || a.left - b.left)
}

function importanceOf(region: Candidate): number {
  const x = region.left + region.width / 2 - 0.5
  const y = region.top + region.height / 2 - 0.5
  return areaOf(region) * (1 - Math.SQRT1_2 * Math.hypot(x, y))
}

/** Returns a region cut off at the borders of the picture, in steps of a ten-thousandth. */
export function toFinding<C extends Region>(region: C): C {
  const left = round(clamp(region.left))
  const top = round(clamp(region.top))
  const width = round(clamp(region.left + region.width) - left)
  const height = round(clamp(region.top + region.height) - top)
  return { ...region, left, top, width, height }
}

function clamp(value: number): number {
  return Math.max(0, Math.min(value, 1))
}

/** Returns a fraction in steps of a ten-thousandth: a tenth of a pixel of 1000. */
export function round(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
