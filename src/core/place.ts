import { ImgprocError } from '../errors.js'
import { checkTarget } from './paths.js'
import { isRemote, wayInOutput } from './refs.js'
import { fillTemplate, splitPath, type Template } from './template.js'
import type { Rendition } from './types.js'

/** A rendition that has a path template instead of a path; and its extension, where that is known. */
export type Unplaced = Omit<Rendition, 'target'> & { readonly template: Template; readonly ext?: string }

/** What decides where a source's renditions go. */
export interface Whereabouts {
  /** The source. */
  readonly ref: string
  /** What tells it from another source of the same path. */
  readonly mark: string | undefined
  /** The folder that `{dir}` is relative to. */
  readonly base: string
  readonly out: string
}

/** Where a source's renditions go. Throws OUTPUT_OUTSIDE_ROOT. */
export function place(renditions: readonly Unplaced[], whereabouts: Whereabouts): Rendition[] {
  const { ref, mark, base, out } = whereabouts
  const path = wayInOutput(ref, base)
  if (isRemote(ref) ? path === ref : path.startsWith('../')) {
    throw new ImgprocError(
      'OUTPUT_OUTSIDE_ROOT',
      `${ref} lies outside the base folder ${base}, so its outputs have no place. Choose a --base that holds every input.`,
      { stage: 'plan', path: ref },
    )
  }
  const { dir, name, srcext } = splitPath(path)
  const parts = { dir, name: mark === undefined ? name : `${name}-${mark}`, srcext }
  // From key to key names are literal: what a disk passes over is part of them.
  const literal = isRemote(ref) && isRemote(out)
  return renditions.map(({ template, ext, ...rendition }) => {
    const known = { preset: rendition.preset, ...(ext !== undefined && { ext, format: formatOf(ext) }) }
    const target = fillTemplate(template, { ...parts, ...known }, { literal })
    // A key may hold names that no file has: they are no fault of the template, and on a disk they fail alone.
    checkTarget(isRemote(ref) ? fillTemplate(template, { ...PLAIN, ...known }) : target)
    return { ...rendition, target }
  })
}

const PLAIN = { dir: 'dir', name: 'name', srcext: 'jpg' }

function formatOf(ext: string): string {
  return ext === 'jpg' ? 'jpeg' : ext
}
