import type { Output, OutputResult } from '../../jobs/types.js'

/**
 * Returns the name of an output among those of its image: the preset, and the width if the preset has several.
 *
 * @example
 * ```ts
 * variantOf(id, { path: `${id}.card-400w.jpg` }) // 'card-400w'
 * ```
 */
export function variantOf(id: string, { path }: Pick<OutputResult, 'path'>): string {
  return path.slice(id.length + 1).replace(/\.[^.]+$/, '')
}

/** A choice among the outputs of a preset. */
export interface OutputChoice {
  readonly preset: string
  /** Pixels. @default the widest */
  readonly width?: number | undefined
  /** @default the first that the preset names */
  readonly format?: string | undefined
}

/** Returns the output that fits; undefined if there is none. */
export function findOutput(
  outputs: readonly OutputResult[],
  { preset, width, format }: OutputChoice,
): Output | undefined {
  let best: Output | undefined
  for (const output of outputs) {
    if (output.action !== 'written' && output.action !== 'unchanged') continue
    if (output.preset !== preset) continue
    if (width !== undefined && output.width !== width) continue
    if (format !== undefined && output.format !== format) continue
    if (best === undefined || output.width > best.width) best = output
  }
  return best
}
