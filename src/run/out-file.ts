import { ImgprocError } from '../errors.js'
import { outputTypeOf } from '../image/output-formats.js'
import type { FormatInput } from '../config/presets.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { readOps } from '../operations/parse-operations.js'
import { folderOf, resolveLocation } from '../paths/location.js'
import type { PresetRecipe } from '../plan/types.js'
import type { BatchOptions, RunOptions } from './options.js'

/**
 * Replaces `outFile` by its folder and a literal path. Without `manifest`, none is kept beside the file.
 *
 * @throws ImgprocError INVALID_USAGE with a path template.
 */
export function placeOutFile(options: RunOptions, cwd: string): RunOptions {
  const { outFile, pathForAll, manifest = false } = options
  if (outFile === undefined) return options
  if (pathForAll !== undefined) {
    throw createUsageError(
      `--path cannot be combined with --out ${outFile}, which names one file. Set --out to a folder.`,
    )
  }
  const ref = resolveLocation(outFile, cwd)
  const out = folderOf(ref)
  // A brace in the file's name is literal.
  const name = ref.slice(ref.lastIndexOf('/') + 1).replace(/[{}]/g, '$&$&')
  return { ...options, out, pathForAll: name, manifest }
}

/**
 * Returns a recipe that makes the format of `outFile`. Encoder options for that format are kept.
 *
 * @throws ImgprocError INVALID_USAGE if no encoder writes the file's extension, or the run asks for another format.
 */
export function withFileFormat(recipe: PresetRecipe, { outFile, ops, formats }: BatchOptions): PresetRecipe {
  if (outFile === undefined) return recipe
  const type = outputTypeOf(outFile)
  if (type === undefined) {
    throw createUsageError(
      `${outFile} cannot be written: there is no encoder for its format. End it in .jpg, .png, .webp, .avif, .jxl, .gif or .tiff.`,
    )
  }
  const asked = [...(formats ?? []), ...formatsOf(ops)].map(typeOf)
  const other = asked.find((one) => one !== type)
  if (other !== undefined) {
    throw createUsageError(
      `The format ${other} contradicts --out ${outFile}. Remove the format, or change the extension of --out.`,
    )
  }
  const own = recipe.formats?.filter((format) => typeOf(format) === type) ?? []
  if (own.length > 0) return { ...recipe, formats: own }
  const { formats: _, ...rest } = recipe
  if (
    recipe.formats === undefined &&
    formatsOf([...recipe.ops, ...(recipe.after ?? [])])
      .map(typeOf)
      .includes(type)
  )
    return rest
  return {
    ...rest,
    ops: [...recipe.ops.filter(isNoFormat), { format: type }],
    ...(recipe.after !== undefined && { after: recipe.after.filter(isNoFormat) }),
  }
}

function isNoFormat(op: ImageOp): boolean {
  return op.format === undefined
}

function formatsOf(ops: readonly ImageOp[] = []): FormatInput[] {
  return ops.flatMap(({ format }) => format ?? [])
}

/** Returns the type of a format in any of its spellings. */
function typeOf(format: FormatInput): string {
  const [{ params } = { params: {} }] = readOps([{ format }])
  return (params as { readonly type: string }).type // validated by readOps
}

function createUsageError(message: string): ImgprocError {
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
