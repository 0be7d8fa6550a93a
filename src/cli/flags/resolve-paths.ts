import { resolve } from 'node:path'
import type { UserConfig, UserPreset } from '../../config/types.generated.js'
import type { ImageOp } from '../../operations/image-op.generated.js'
import { renameFiles } from '../../operations/parse-operations.js'

/** Operations with the files that they name found from a folder: of the config, or of who typed them. */
export function resolveOpPaths(ops: readonly ImageOp[], folder: string): readonly ImageOp[] {
  return renameFiles(ops, (ref) => (/^[a-z][a-z\d+.-]+:/i.test(ref) ? ref : resolve(folder, ref)))
}

/** A config's presets, with the files that their operations name found from the config's folder. */
export function resolvePresetPaths(
  presets: NonNullable<UserConfig['presets']>,
  folder: string,
): Record<string, UserPreset> {
  return Object.fromEntries(
    Object.entries(presets).map(([name, preset]) => [
      name,
      {
        ...preset,
        ...(preset.ops !== undefined && { ops: resolveOpPaths(preset.ops, folder) }),
        ...(preset.after !== undefined && { after: resolveOpPaths(preset.after, folder) }),
      },
    ]),
  )
}
