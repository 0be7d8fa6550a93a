import type { UserConfig } from '../config/types.generated.js'
import type { ManifestEntry } from '../manifest/types.js'

/** Options that the plugins of all build tools have. */
export interface BuildToolOptions {
  /** Config file, relative to the project. @default the nearest one from the project's folder upward, as the command finds it */
  readonly config?: string | undefined
  /** Presets besides those of the config, of which they replace those of the same name. */
  readonly presets?: UserConfig['presets']
  /** Output folder, relative to the project. @default the config's, or `node_modules/.cache/imgproc` */
  readonly out?: string | undefined
}

/** A source, and the preset that is wanted of it. */
export interface Request {
  /** Absolute path of the source. */
  readonly file: string
  readonly preset: string
}

/** The outputs that a source has of a preset. */
export interface MadePicture {
  /** The manifest's entry of the source, with the outputs of this preset only. */
  readonly entry: ManifestEntry
  /** The folder that paths of outputs are relative to: that of the manifest. */
  readonly folder: string
}

/** A picture whose outputs are not all there yet, as it will be. */
export interface PlannedPicture {
  /** As `MadePicture.entry`, with a size of 0 bytes for each output that is not there. */
  readonly entry: ManifestEntry
  /** Undefined if outputs have to be made. */
  readonly folder: string | undefined
}
