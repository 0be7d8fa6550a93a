// Generated from the config's schema by `npm run generate`: change a key there, not here.
import type { ImageOp } from '../operations/image-op.generated.js'

/** A preset: operations, and the widths and formats to make of their result. */
export interface UserPreset {
  /** Name of the preset whose keys this one takes over, unless it has its own. */
  readonly extends?: string | undefined
  /** Operations, run in the order written. */
  readonly ops?: readonly ImageOp[] | undefined
  /** Widths in pixels, one rendition each; resized after `ops`. */
  readonly widths?: readonly number[] | undefined
  /** Output formats, one rendition each; what `format` accepts. */
  readonly formats?: readonly NonNullable<ImageOp['format']>[] | undefined
  /** Operations that run after the resize to a width. */
  readonly after?: readonly ImageOp[] | undefined
  /** Path template of the outputs, such as `{dir}/{name}-{width}.{ext}`. */
  readonly path?: string | undefined
  /** Names of analyzers that look at each source; what they find is in the manifest. */
  readonly analyze?: readonly string[] | undefined
  /** Whether a source that would not become smaller gets no rendition. */
  readonly skipSmaller?: boolean | undefined
}

/** Inputs, and the presets to make of them. */
export interface UserBatch {
  /** Files, folders or globs. */
  readonly inputs: readonly string[]
  /** Names of the presets that are made of each input. */
  readonly presets: readonly string[]
  /** Folder of the outputs, instead of the config's. */
  readonly out?: string | undefined
  /** Path template of the outputs, instead of the presets' and the config's. */
  readonly path?: string | undefined
  /** Folder that `{dir}` is relative to, instead of the config's. */
  readonly base?: string | undefined
  /** Globs of inputs to leave out, besides the config's. */
  readonly ignore?: readonly string[] | undefined
}

/** What a config file holds. */
export interface UserConfig {
  /** Where editors find the JSON Schema of this file. */
  readonly $schema?: string | undefined
  /** Folder where outputs are written. */
  readonly out?: string | undefined
  /** What goes before an output's path in the manifest's `url`. */
  readonly baseUrl?: string | undefined
  /** Folder that `{dir}` in output paths is relative to. */
  readonly base?: string | undefined
  /** Path template of the outputs of presets that have none. */
  readonly path?: string | undefined
  /** File of the manifest, or `false` for none; `manifest.json` in `out` unless given. */
  readonly manifest?: string | false | undefined
  /** Images in work at once; as many as there are cores unless given. */
  readonly concurrency?: number | undefined
  /** Presets by name; they win over shipped ones. */
  readonly presets?: Readonly<Record<string, UserPreset>> | undefined
  /** Analyzers of your own: names, and the modules that export them (paths or packages). */
  readonly analyzers?: Readonly<Record<string, string>> | undefined
  /** Stores of your own: schemes, and the modules that export them (paths or packages). */
  readonly stores?: Readonly<Record<string, string>> | undefined
  /** Where buckets are, and how images are written into them. */
  readonly s3?:
    | {
        /** The server's URL, of MinIO, R2 or Ceph; AWS unless given. */
        readonly endpoint?: string | undefined
        /** The region; the SDK's own chain, or us-east-1, unless given. */
        readonly region?: string | undefined
        /** A profile of the shared AWS config and credentials files. */
        readonly profile?: string | undefined
        /** `https://host/bucket/key`, as servers with an `endpoint` mostly want; true with one unless given. */
        readonly pathStyle?: boolean | undefined
        /** What is different for one bucket, by its name. */
        readonly buckets?:
          | Readonly<
              Record<
                string,
                {
                  /** The server's URL, of MinIO, R2 or Ceph; AWS unless given. */
                  readonly endpoint?: string | undefined
                  /** The region; the SDK's own chain, or us-east-1, unless given. */
                  readonly region?: string | undefined
                  /** A profile of the shared AWS config and credentials files. */
                  readonly profile?: string | undefined
                  /** `https://host/bucket/key`, as servers with an `endpoint` mostly want; true with one unless given. */
                  readonly pathStyle?: boolean | undefined
                }
              >
            >
          | undefined
        /** The `Cache-Control` of images. */
        readonly cacheControl?: string | undefined
        /** The user metadata of images. */
        readonly metadata?: Readonly<Record<string, string>> | undefined
        /** The storage class of images, such as `INTELLIGENT_TIERING`. */
        readonly storageClass?: string | undefined
        /** Whether an image may only go where nothing is: one that is there stays, and its output fails. */
        readonly ifNoneMatch?: boolean | undefined
        /** How the server encrypts; as the bucket says unless given. */
        readonly sse?: 'AES256' | 'aws:kms' | undefined
        /** The KMS key, with `sse: aws:kms`. */
        readonly kmsKeyId?: string | undefined
      }
    | undefined
  /** What `imgproc run` makes when no inputs are typed. */
  readonly batches?: readonly UserBatch[] | undefined
  /** Globs of inputs to leave out. */
  readonly ignore?: readonly string[] | undefined
  /** What one image may cost. */
  readonly limits?:
    | {
        /** Pixels of a frame, times frames, going in or coming out. */
        readonly pixels?: number | undefined
        /** Bytes of a source. */
        readonly bytes?: number | undefined
        /** Frames of an animation. */
        readonly frames?: number | undefined
        /** Seconds for each trip through sharp. */
        readonly seconds?: number | undefined
      }
    | undefined
  /** The least damage of a source that makes it fail; `error` unless given. */
  readonly failOn?: 'none' | 'truncated' | 'error' | 'warning' | undefined
}
