import { resolve } from 'node:path'
import type { UserConfig, UserPreset } from './types.generated.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { renameFiles } from '../operations/parse-operations.js'

/** Resolves the files that operations name, such as watermarks, against a folder. URLs are kept. */
export function resolveOpPaths(ops: readonly ImageOp[], folder: string): readonly ImageOp[] {
  return renameFiles(ops, (ref) => (/^[a-z][a-z\d+.-]+:/i.test(ref) ? ref : resolve(folder, ref)))
}

/** Resolves the files that operations of presets name against the config's folder. */
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
