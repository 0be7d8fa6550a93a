// Generated from the config schema by `npm run generate`. Do not edit.
import type { ImageOp } from '../operations/image-op.generated.js'

/** Preset that is included in imgproc. */
export type ShippedPreset = 'avatar' | 'placeholder' | 'responsive' | 'social' | 'thumb' | 'web'

/** Name of a preset: an included one, or one of the config. */
export type PresetName = ShippedPreset | (string & Record<never, never>)

/** A preset: operations, and the widths and formats of its renditions. */
export interface UserPreset {
  /** Name of the preset to inherit keys from, or a list; later ones win over earlier ones. */
  readonly extends?: PresetName | readonly PresetName[] | undefined
  /** Operations, in the order they run. */
  readonly ops?: readonly ImageOp[] | undefined
  /** Widths in pixels, one rendition each; resized after `ops`. */
  readonly widths?: readonly number[] | undefined
  /** Output formats, one rendition each; inputs of the `format` operation. */
  readonly formats?: readonly NonNullable<ImageOp['format']>[] | undefined
  /** Operations to run after the resize to a width. */
  readonly after?: readonly ImageOp[] | undefined
  /** Path template of the outputs, such as `{dir}/{name}-{width}.{ext}`. */
  readonly path?: string | undefined
  /** Names of analyzers to run on each source; the manifest holds their findings. */
  readonly analyze?: readonly string[] | undefined
  /** Policy for sources that the analyzer `moderation` finds unsafe. */
  readonly whenUnsafe?:
    | {
        /** Score of the analyzer `moderation` from which a source is unsafe; 0.8 by default. @default 0.8 */
        readonly moderation?: number | undefined
        /** Skips or fails its outputs, or makes them unrecognisable. */
        readonly do: 'skip' | 'blur' | 'fail'
      }
    | undefined
  /** Skips renditions that are not smaller than their source in width or height. */
  readonly skipSmaller?: boolean | undefined
}

/** Inputs, and the presets to apply to them. */
export interface UserBatch {
  /** Files, folders, globs or URLs: one, or a list. */
  readonly inputs: string | readonly string[]
  /** Name or names of the presets to apply to each input. */
  readonly presets: PresetName | readonly PresetName[]
  /** Output folder, instead of the config's. */
  readonly out?: string | undefined
  /** Path template of the outputs, instead of the presets' and the config's. */
  readonly path?: string | undefined
  /** Folder that `{dir}` is relative to, instead of the config's. */
  readonly base?: string | undefined
  /** Globs of inputs to ignore, in addition to the config's. */
  readonly ignore?: readonly string[] | undefined
}

/** Content of a config file. */
export interface UserConfig {
  /** Path or URL of the JSON Schema, for editors. */
  readonly $schema?: string | undefined
  /** Output folder, or a prefix of `s3://`, `gs://` or `az://`. */
  readonly out?: string | undefined
  /** Prefix of each `url` in the manifest. */
  readonly baseUrl?: string | undefined
  /** Folder that `{dir}` in output paths is relative to. */
  readonly base?: string | undefined
  /** Path template for presets without their own. */
  readonly path?: string | undefined
  /** Manifest file, or `false` for none; by default `manifest.json` in `out`. */
  readonly manifest?: string | false | undefined
  /** Images to process at once; by default two per CPU core. */
  readonly concurrency?: number | undefined
  /** Presets by name; they take precedence over shipped presets. */
  readonly presets?: Readonly<Record<string, UserPreset>> | undefined
  /** Custom analyzers: names, and the modules that export them (paths or packages); or `rekognition` for faces, objects and moderation. */
  readonly analyzers?: Readonly<Record<string, string>> | undefined
  /** Custom operations: names, and the modules that export them (paths or packages). */
  readonly operations?: Readonly<Record<string, string>> | undefined
  /** Custom stores: URL schemes, and the modules that export them (paths or packages). */
  readonly stores?: Readonly<Record<string, string>> | undefined
  /** Connection to S3, and options for writing images. */
  readonly s3?:
    | {
        /** URL of an S3-compatible server (MinIO, R2, Ceph); by default `AWS_ENDPOINT_URL_S3`, that of the profile, or AWS. */
        readonly endpoint?: string | undefined
        /** Region; by default `AWS_REGION`, that of the profile, or `us-east-1`. */
        readonly region?: string | undefined
        /** Profile of the shared AWS config and credentials files; by default `AWS_PROFILE`. */
        readonly profile?: string | undefined
        /** Uses `https://host/bucket/key` URLs; `true` by default if there is an `endpoint`. */
        readonly pathStyle?: boolean | undefined
        /** Connections of single buckets, by bucket name; each replaces the default connection. */
        readonly buckets?:
          | Readonly<
              Record<
                string,
                {
                  /** URL of an S3-compatible server (MinIO, R2, Ceph); by default `AWS_ENDPOINT_URL_S3`, that of the profile, or AWS. */
                  readonly endpoint?: string | undefined
                  /** Region; by default `AWS_REGION`, that of the profile, or `us-east-1`. */
                  readonly region?: string | undefined
                  /** Profile of the shared AWS config and credentials files; by default `AWS_PROFILE`. */
                  readonly profile?: string | undefined
                  /** Uses `https://host/bucket/key` URLs; `true` by default if there is an `endpoint`. */
                  readonly pathStyle?: boolean | undefined
                }
              >
            >
          | undefined
        /** `Cache-Control` header of images. */
        readonly cacheControl?: string | undefined
        /** User metadata of images, in plain ASCII. */
        readonly metadata?: Readonly<Record<string, string>> | undefined
        /** Storage class of images, such as `INTELLIGENT_TIERING`; by default `STANDARD`. */
        readonly storageClass?: string | undefined
        /** Never overwrites: an output fails if its object exists. */
        readonly ifNoneMatch?: boolean | undefined
        /** Server-side encryption; by default the bucket's setting. */
        readonly sse?: 'AES256' | 'aws:kms' | undefined
        /** KMS key for `sse: aws:kms`; by default the account's key for S3. */
        readonly kmsKeyId?: string | undefined
      }
    | undefined
  /** Connection to Google Cloud Storage, and options for writing images. */
  readonly gcs?:
    | {
        /** URL of an emulator, which gets no credentials; by default `STORAGE_EMULATOR_HOST`, or Google Cloud. */
        readonly endpoint?: string | undefined
        /** Project that pays for the requests, for buckets of the kind requester pays. */
        readonly project?: string | undefined
        /** Connections of single buckets, by bucket name; each replaces the default connection. */
        readonly buckets?:
          | Readonly<
              Record<
                string,
                {
                  /** URL of an emulator, which gets no credentials; by default `STORAGE_EMULATOR_HOST`, or Google Cloud. */
                  readonly endpoint?: string | undefined
                  /** Project that pays for the requests, for buckets of the kind requester pays. */
                  readonly project?: string | undefined
                }
              >
            >
          | undefined
        /** `Cache-Control` header of images. */
        readonly cacheControl?: string | undefined
        /** Custom metadata of images. */
        readonly metadata?: Readonly<Record<string, string>> | undefined
        /** Storage class of images, such as `NEARLINE`; by default the bucket's. */
        readonly storageClass?: string | undefined
        /** Never overwrites: an output fails if its object exists. */
        readonly ifNoneMatch?: boolean | undefined
        /** Cloud KMS key of everything written; by default the bucket's. */
        readonly kmsKeyName?: string | undefined
      }
    | undefined
  /** Account of Azure Blob Storage, and options for writing images. */
  readonly azure?:
    | {
        /** Storage account; by default `AZURE_STORAGE_ACCOUNT`, or that of `AZURE_STORAGE_CONNECTION_STRING`. */
        readonly account?: string | undefined
        /** URL of the blob service of the account; by default `https://ACCOUNT.blob.core.windows.net`. */
        readonly endpoint?: string | undefined
        /** Accounts of single containers, by container name; each replaces the default account. */
        readonly containers?:
          | Readonly<
              Record<
                string,
                {
                  /** Storage account; by default `AZURE_STORAGE_ACCOUNT`, or that of `AZURE_STORAGE_CONNECTION_STRING`. */
                  readonly account?: string | undefined
                  /** URL of the blob service of the account; by default `https://ACCOUNT.blob.core.windows.net`. */
                  readonly endpoint?: string | undefined
                }
              >
            >
          | undefined
        /** `Cache-Control` header of images. */
        readonly cacheControl?: string | undefined
        /** Metadata of images, in plain ASCII. */
        readonly metadata?: Readonly<Record<string, string>> | undefined
        /** Access tier of images, such as `Cool`; by default the account's. */
        readonly accessTier?: string | undefined
        /** Never overwrites: an output fails if its blob exists. */
        readonly ifNoneMatch?: boolean | undefined
      }
    | undefined
  /** Batches that `imgproc run` processes if it is given no inputs. */
  readonly batches?: readonly UserBatch[] | undefined
  /** Globs of inputs to ignore. */
  readonly ignore?: readonly string[] | undefined
  /** Finds images with any extension by their first bytes; by default only in prefixes of buckets without an image's extension. */
  readonly sniff?: boolean | undefined
  /** Resource limits per image. */
  readonly limits?:
    | {
        /** Maximum pixels of a source or output, counting all frames; 268402689 by default. */
        readonly pixels?: number | undefined
        /** Maximum bytes of a source; 268435456 by default. */
        readonly bytes?: number | undefined
        /** Maximum frames of an animation; 1000 by default. */
        readonly frames?: number | undefined
        /** Maximum seconds of each step of an image: reading its header, decoding, a pass, an encoder, an analyzer, a call of your own store. Up to 3600; 60 by default. */
        readonly seconds?: number | undefined
      }
    | undefined
  /** Lowest level of damage that counts as a failure; by default `error`. */
  readonly failOn?: 'none' | 'truncated' | 'error' | 'warning' | undefined
  /** Options of the HTTP server, `imgproc serve`. */
  readonly serve?:
    | {
        /** Folder, or prefix of `s3://`, `gs://` or `az://`, that holds originals, records and results; by default `./imgproc-data`. */
        readonly store?: string | undefined
        /** Folders, prefixes of `s3://`, `gs://` and `az://`, and `https://` URLs to make images of on request, by the first segment of their path. */
        readonly sources?: Readonly<Record<string, string>> | undefined
        /** Refuses operations in URLs, so that only presets can be asked for. */
        readonly only?: 'presets' | undefined
        /** Lets `format=auto` answer with JPEG XL if the client shows it; needs the package wasm-vips. */
        readonly jxl?: boolean | undefined
        /** Shows a page at `/` to try presets and operations on pictures. */
        readonly demo?: boolean | undefined
        /** Seconds that browsers and CDNs may keep an answer; 86400 by default. */
        readonly maxAge?: number | undefined
        /** `Cache-Control` header of images, instead of that with `maxAge`. */
        readonly cacheControl?: string | undefined
        /** Adds `immutable` and a year if a file name holds a hash of its content, such as `hero.3f2a91bc.jpg`. */
        readonly immutable?: boolean | undefined
        /** Bytes of results to keep in the store; the least recently used go first. 0 keeps none. */
        readonly cacheBytes?: number | undefined
        /** Bytes of results to keep in memory too. 0 keeps none. */
        readonly memoryBytes?: number | undefined
        /** Images to make at once. */
        readonly concurrency?: number | undefined
        /** Requests that may wait for that; a further one is answered with 503. */
        readonly queue?: number | undefined
        /** Bearer tokens. Without any, and without `signatures: required`, everybody may do everything. */
        readonly tokens?:
          | readonly {
              /** Name of the token. Images belong to it; logs and limits name it. */
              readonly id: string
              /** SHA-256 of the token, as `imgproc token` prints it. */
              readonly hash: string
              /** Rights: `read`, `write`, and `admin` for `/metrics` and the images of other tokens. */
              readonly scopes: readonly ('read' | 'write' | 'admin')[]
            }[]
          | undefined
        /** Images are fetched without a token. Uploads, lists and records still need one. */
        readonly publicImages?: boolean | undefined
        /** Secrets of signed URLs by the id of the key, 32 characters or more. */
        readonly signingKeys?: Readonly<Record<string, string>> | undefined
        /** Signatures of image URLs: `required` unless a token is sent, `optional`, or `off`. */
        readonly signatures?: 'required' | 'optional' | 'off' | undefined
        /** Requests that a client may send. */
        readonly rateLimit?:
          | {
              /** Seconds in which the requests are counted; 60 by default. */
              readonly seconds?: number | undefined
              /** Requests of each token in that time. */
              readonly token?: number | undefined
              /** Requests of each address without a token in that time. */
              readonly address?: number | undefined
            }
          | undefined
        /** Addresses and networks of the proxies whose `X-Forwarded-For` counts. */
        readonly trustProxy?: readonly string[] | undefined
        /** Scripts of other origins that may use the server. */
        readonly cors?:
          | {
              /** Origins whose scripts may use the server, or `*` for all. */
              readonly origins: readonly string[]
              /** Seconds for which browsers remember that; 600 by default. */
              readonly maxAge?: number | undefined
            }
          | undefined
        /** Least important lines of the log; probes are `debug`. */
        readonly logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent' | undefined
        /** Uploads by `POST /v1/images`. */
        readonly uploads?:
          | {
              /** Maximum bytes of an uploaded file; 67108864 by default, and never more than `limits.bytes`. */
              readonly maxBytes?: number | undefined
              /** Names of the presets to make of each upload; none by default. */
              readonly presets?: readonly string[] | undefined
              /** Names of the analyzers to run on each upload; by default all, your own included. */
              readonly analyze?: readonly string[] | undefined
              /** Seconds after which uploads are removed, at the latest; by default they stay. */
              readonly ttl?: number | undefined
              /** Removes each upload when it, or an output of it, was downloaded. */
              readonly deleteAfterDownload?: boolean | undefined
              /** Uploads that may wait for their outputs; a further one is answered with 503. 1000 by default. */
              readonly queue?: number | undefined
              /** Lets uploads by URL reach private addresses, such as a server of the same network. */
              readonly privateUrls?: boolean | undefined
            }
          | undefined
      }
    | undefined
}
