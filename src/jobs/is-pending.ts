import type { Job } from './types.js'

/** Returns true if a planned job has anything to make: an output, or an analysis of a source without outputs so far. */
export function isPending({ renditions, analyze, settled = [] }: Job): boolean {
  return renditions.length > 0 || (analyze.length > 0 && settled.length === 0)
}
