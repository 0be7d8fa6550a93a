import { ImgprocError } from '../errors.js'
import type { ImageOp } from '../ops/image-op.js'
import { readOps } from '../ops/index.js'
import { FORMATS } from './formats.js'
import { checkTarget } from './paths.js'
import type { PlanBatch, PresetRecipe } from './plan.js'
import { hashRecipe, type FileHashes } from './recipe-hash.js'
import { isRemote, wayInOutput } from './refs.js'
import { toRecipe } from './settings.js'
import { fillTemplate, parseTemplate, splitPath, type Template } from './template.js'
import type { Rendition } from './types.js'

const DEFAULT_PATH = '{dir}/{name}.{preset}.{ext}'
const DEFAULT_WIDTH_PATH = '{dir}/{name}.{preset}-{width}w.{ext}'

/** A rendition whose path waits for its source. */
export type Unplaced = Omit<Rendition, 'target'> & { readonly template: Template; readonly ext?: string }

/** Every operation of a preset. */
export function allOps({ ops, after = [] }: PresetRecipe): readonly ImageOp[] {
  return [...ops, ...after]
}

/** A preset's renditions: one for each width and format. */
export function expand(
  preset: PresetRecipe,
  files: FileHashes,
  { path, defaultPath }: PlanBatch,
): Unplaced[] {
  const { name, ops, after = [], skipSmaller } = preset
  // An empty list is no list: one rendition at its own width, in its own format.
  const widths = preset.widths?.length === 0 ? undefined : preset.widths
  const formats = preset.formats?.length === 0 ? undefined : preset.formats
  const template = parseTemplate(
    path ?? preset.path ?? defaultPath ?? (widths === undefined ? DEFAULT_PATH : DEFAULT_WIDTH_PATH),
  )
  const made: Unplaced[] = []
  for (const width of widths?.toSorted((a, b) => a - b) ?? [undefined]) {
    for (const format of formats ?? [undefined]) {
      const first = format === undefined ? ops : ops.filter((op) => op.format === undefined)
      const all: ImageOp[] = [
        ...first,
        ...(width === undefined ? [] : [{ resize: { width } }]),
        ...after,
        ...(format === undefined ? [] : [{ format }]),
      ]
      const asked = toRecipe(readOps(all, `presets.${name}`)).format
      const recipe = hashRecipe(all, files)
      // A width or format that is named twice is made once.
      if (made.some((other) => other.recipe === recipe)) continue
      made.push({
        preset: name,
        ops: all,
        recipe,
        template,
        ...(asked !== undefined && asked.type !== 'auto' && { ext: FORMATS[asked.type].ext }),
        ...(width !== undefined && { width, widthAt: first.length }),
        ...(skipSmaller === true && { skipSmaller }),
      })
    }
  }
  return made
}

/** Where a source's renditions go. */
export function place(renditions: readonly Unplaced[], ref: string, base: string, out: string): Rendition[] {
  const path = wayInOutput(ref, base)
  if (isRemote(ref) ? path === ref : path.startsWith('../')) {
    throw new ImgprocError(
      'OUTPUT_OUTSIDE_ROOT',
      `${ref} lies outside the base folder ${base}, so its outputs have no place. Choose a --base that holds every input.`,
      { stage: 'plan', path: ref },
    )
  }
  const parts = splitPath(path)
  const isOdd = isRemote(ref) && /(?:^|\/)\.{0,2}(?:\/|$)/.test(path)
  return renditions.map(({ template, ext, ...rendition }) => {
    const { preset } = rendition
    const target = fillTemplate(template, {
      ...parts,
      preset,
      ...(ext !== undefined && { ext, format: formatOf(ext) }),
    })
    // A key may hold names that no file has: on a disk its outputs fail alone, elsewhere they are names like others.
    if (!isOdd) checkTarget(target)
    return { ...rendition, target: isRemote(out) ? target : tidy(target) }
  })
}

/** Without what a file system passes over: `a//./b` is `a/b`. */
function tidy(path: string): string {
  return path.replace(/(?<=\/)(?:\.?\/)+/g, '')
}

function formatOf(ext: string): string {
  return ext === 'jpg' ? 'jpeg' : ext
}
