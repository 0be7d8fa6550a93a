import { z } from 'zod'
import { configSchema } from '../src/config/schema.js'
import { toTable } from './markdown.js'

/** Default and example of a key, which the schema does not hold. `type` replaces the schema's type. */
interface KeyFacts {
  readonly default: string
  readonly example: string
  readonly type?: string
}

/** Parts of a JSON Schema that the tables show. */
interface JsonSchema {
  readonly type?: string
  readonly enum?: readonly string[]
  readonly const?: string | number | boolean
  readonly anyOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly description?: string
}

const TOP: Readonly<Record<string, KeyFacts>> = {
  $schema: { default: '–', example: 'https://unpkg.com/imgproc/dist/config.schema.json' },
  out: { default: '`out` (`thumbs` for `imgproc thumbs`)', example: 'public/img' },
  baseUrl: { default: 'no `url` in the manifest', example: '/img/' },
  base: { default: 'the folder of each input', example: 'photos' },
  path: { default: '`{dir}/{name}.{preset}.{ext}`', example: "'{dir}/{name}-{width}.{ext}'" },
  manifest: { default: '`manifest.json` in `out`', example: 'data/images.json' },
  concurrency: { default: 'two per core', example: '4' },
  presets: { default: 'the shipped ones', example: '{ card: { ops: [{ thumbnail: 400x300 }] } }', type: '[presets](#presets)' },
  analyzers: { default: 'the shipped ones', example: '{ brightness: ./brightness.mjs }' },
  operations: { default: 'the shipped ones', example: '{ vignette: ./vignette.mjs }' },
  stores: { default: 'none', example: '{ box: ./box.mjs }' },
  s3: { default: 'AWS', example: '{ region: eu-central-1 }', type: '[S3 settings](#s3)' },
  gcs: { default: 'Google Cloud', example: '{ storageClass: NEARLINE }', type: '[settings](cloud-stores.md#google-cloud-storage)' },
  azure: { default: 'as the Azure CLI', example: '{ account: shop }', type: '[settings](cloud-stores.md#azure-blob-storage)' },
  batches: { default: 'none', example: "[{ inputs: ['photos/**'], presets: [card] }]", type: 'list of [batches](#batches)' },
  ignore: { default: 'none', example: "['**/drafts/**']" },
  sniff: { default: 'buckets only', example: 'true' },
  limits: { default: 'see [limits](#limits)', example: '{ pixels: 100000000 }', type: '[limits](#limits)' },
  failOn: { default: '`error`', example: 'warning' },
  serve: { default: 'see [serve](#serve)', example: '{ sources: { photos: ./photos } }', type: '[serve](#serve)' },
} // prettier-ignore

const PRESET: Readonly<Record<string, KeyFacts>> = {
  extends: { default: 'none', example: 'web' },
  ops: { default: 'none', example: '[{ crop: 4/3 }, { thumbnail: 400x300 }]', type: 'list of [operations](operations.md)' },
  widths: { default: 'one rendition, not resized', example: '[320, 640, 1280]' },
  formats: { default: "the source's format", example: '[{ type: avif, quality: 50 }, webp, jpeg]', type: 'list of [formats](operations.md#format)' },
  after: { default: 'none', example: '[{ sharpen: 0.5 }]', type: 'list of [operations](operations.md)' },
  path: { default: '`{dir}/{name}.{preset}.{ext}`, with `-{width}w` after the preset if it has widths', example: "'{dir}/{name}-{width}.{ext}'" },
  analyze: { default: 'none', example: '[thumbhash, palette]' },
  whenUnsafe: { default: 'none', example: '{ moderation: 0.8, do: blur }' },
  skipSmaller: { default: '`false`', example: 'true' },
} // prettier-ignore

const BATCH: Readonly<Record<string, KeyFacts>> = {
  inputs: { default: '*required*', example: "['photos/**']" },
  presets: { default: '*required*', example: '[card, hero]' },
  out: { default: "the config's `out`", example: 'public/logos' },
  path: { default: "the presets' `path`", example: "'{name}.{ext}'" },
  base: { default: "the config's `base`", example: 'photos' },
  ignore: { default: 'none', example: "['**/drafts/**']" },
}

const LIMITS: Readonly<Record<string, KeyFacts>> = {
  pixels: { default: '268402689 (16383 x 16383)', example: '100000000' },
  bytes: { default: '268435456 (256 MB)', example: '50000000' },
  frames: { default: '1000', example: '200' },
  seconds: { default: '60', example: '20' },
}

const SERVE: Readonly<Record<string, KeyFacts>> = {
  store: { default: '`./imgproc-data`', example: 's3://shop/imgproc/' },
  sources: { default: 'none', example: '{ photos: ./photos, shop: s3://shop/originals/, web: https://cdn.example/ }' },
  only: { default: 'presets and operations', example: 'presets' },
  jxl: { default: '`false`', example: 'true' },
  demo: { default: '`false`', example: 'true' },
  maxAge: { default: '86400 (one day)', example: '3600' },
  cacheControl: { default: '`public, max-age=`, with `maxAge`', example: "'private, no-cache'" },
  immutable: { default: '`false`', example: 'true' },
  cacheBytes: { default: '1073741824 (1 GB)', example: '10000000000' },
  memoryBytes: { default: '67108864 (64 MB)', example: '0' },
  concurrency: { default: 'one per core', example: '4' },
  queue: { default: '100', example: '20' },
  tokens: { default: 'none', example: '[{ id: shop, hash: 9f86d08…, scopes: [read, write] }]', type: 'list of [tokens](serve-access.md#tokens)' },
  publicImages: { default: '`false`', example: 'true' },
  signingKeys: { default: 'none', example: '{ main: 4f2a… }' },
  signatures: { default: '`required` with `signingKeys`, else `off`', example: 'optional' },
  rateLimit: { default: 'none', example: '{ address: 300, token: 3000 }', type: '[limits](serve-access.md#rate-limits)' },
  trustProxy: { default: 'none', example: '[10.0.0.0/8]' },
  cors: { default: 'none', example: '{ origins: [https://shop.example] }', type: '[origins](serve-access.md#scripts-of-other-origins)' },
  logLevel: { default: '`info`', example: 'warn' },
  uploads: { default: 'see [uploads](#uploads)', example: '{ presets: [thumb], ttl: 86400 }', type: '[uploads](#uploads)' },
} // prettier-ignore

const UPLOADS: Readonly<Record<string, KeyFacts>> = {
  maxBytes: { default: '67108864 (64 MB)', example: '20000000' },
  presets: { default: 'none', example: '[thumb, card]' },
  analyze: { default: 'all', example: '[palette, thumbhash]' },
  ttl: { default: 'none', example: '86400' },
  deleteAfterDownload: { default: '`false`', example: 'true' },
  queue: { default: '1000', example: '100' },
  privateUrls: { default: '`false`', example: 'true' },
}

/** Returns functions that make the tables of docs/config.md, by the name of their marks. */
export function configTables(): Record<string, () => string> {
  const whole = toJsonSchema(configSchema())
  const part = (name: string): JsonSchema => whole.properties?.[name] ?? {}
  const presets = part('presets').additionalProperties
  return {
    'config-keys': () => keysTable(whole, TOP),
    'preset-keys': () => keysTable(typeof presets === 'object' ? presets : {}, PRESET),
    'batch-keys': () => keysTable(part('batches').items ?? {}, BATCH),
    'limit-keys': () => keysTable(part('limits'), LIMITS),
    'serve-keys': () => keysTable(part('serve'), SERVE),
    'upload-keys': () => keysTable(part('serve').properties?.['uploads'] ?? {}, UPLOADS),
  }
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema // only these parts are used
}

function keysTable({ properties = {} }: JsonSchema, facts: Readonly<Record<string, KeyFacts>>): string {
  const unknown = Object.keys(facts).filter((name) => !(name in properties))
  if (unknown.length > 0) throw new Error(`config-doc.ts: the schema has no ${unknown.join(', ')}`)
  const rows = Object.entries(properties).map(([name, schema]) => {
    const fact = facts[name]
    if (fact === undefined) throw new Error(`config-doc.ts: give ${name} a default and an example`)
    const example = `\`${fact.example}\``
    // The default is in a column of its own.
    const meaning = (schema.description ?? '').replace(/; [^;]* unless given\.$/, '.')
    return [`\`${name}\``, fact.type ?? typeOf(schema), fact.default, example, meaning]
  })
  return toTable(['key', 'type', 'default', 'example', 'meaning'], rows)
}

function typeOf({
  type,
  enum: values,
  const: value,
  anyOf,
  items,
  additionalProperties,
}: JsonSchema): string {
  if (values !== undefined) return values.map((each) => `\`${each}\``).join(', ')
  if (value !== undefined) return `\`${value}\``
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' or ')
  if (type === 'array') return `list of ${typeOf(items ?? {})}s`
  if (type === 'object' && typeof additionalProperties === 'object')
    return `${typeOf(additionalProperties)}s by name`
  return type === 'integer' ? 'number' : (type ?? 'any value')
}
