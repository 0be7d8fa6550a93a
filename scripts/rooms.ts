// The rooms (folders) of src/ from low to high, with the duty of each and the rooms that it may import. `npm run generate` writes the lint rules
// in .oxlint-rooms.json and the table in CONTRIBUTING.md from this list.

/** A folder, or a file directly in src/. */
export interface Room {
  readonly name: string
  /** One line for CONTRIBUTING.md. */
  readonly duty: string
  /** Names of lower rooms, in addition to `SHARED_ROOMS`. */
  readonly mayImport: readonly string[]
}

/** Rooms that every other room may import. Their own imports are limited to their `mayImport`. */
export const SHARED_ROOMS = ['errors.ts', 'picture.ts', 'utils', 'sharp.ts']

const LIBRARY: readonly Room[] = [
  { name: 'errors.ts', duty: '`ImgprocError`; code → exit code, HTTP status, retryable', mayImport: [] },
  { name: 'picture.ts', duty: 'size, depth, colour space and alpha of a picture', mayImport: [] },
  { name: 'sharp.ts', duty: 'sharp, loaded at first use', mayImport: ['errors.ts'] },
  { name: 'utils', duty: 'small helpers that know nothing of images', mayImport: ['errors.ts'] },
  { name: 'paths', duty: 'locations, URLs, path templates, safe output paths', mayImport: [] },
  {
    name: 'metadata',
    duty: 'EXIF, XMP, ICC, gain maps, PNG, TIFF, and frames of GIF and WebP, as bytes',
    mayImport: [],
  },
  {
    name: 'codec',
    duty: 'decodes, scales and encodes JPEG, and scales PNG, without sharp, to the same pixels and bytes',
    mayImport: [],
  },
  {
    name: 'jxl',
    duty: 'JPEG XL: header, boxes, and its codec in worker threads',
    mayImport: ['metadata'],
  },
  {
    name: 'operations',
    duty: 'each operation: its parameters, text form, and effect on sharp',
    mayImport: [],
  },
  {
    name: 'stores',
    duty: 'list, stat, read, write, remove: disk, S3, HTTP, pipe, data URL, your own',
    mayImport: ['paths'],
  },
  {
    name: 'image',
    duty: 'opens a source within limits; format facts; SVG',
    mayImport: ['operations', 'metadata', 'codec', 'jxl'],
  },
  {
    name: 'decoders',
    duty: 'sources that sharp does not read, or reads wrongly',
    mayImport: ['image', 'metadata', 'codec', 'jxl'],
  },
  { name: 'analyzers', duty: 'findings about a source', mayImport: ['image', 'metadata', 'stores'] },
  {
    name: 'render',
    duty: 'one rendition of one image',
    mayImport: ['image', 'operations', 'metadata', 'codec', 'jxl'],
  },
  {
    name: 'jobs',
    duty: 'one source and all its outputs: `Job`, `Result`',
    mayImport: ['render', 'analyzers', 'image', 'operations', 'codec', 'jxl', 'stores', 'paths'],
  },
  {
    name: 'plan',
    duty: 'inputs and presets → jobs; refuses collisions; opens no image',
    mayImport: ['jobs', 'render', 'image', 'operations', 'stores', 'paths'],
  },
  {
    name: 'manifest',
    duty: "the manifest's types, schema and file",
    mayImport: ['jobs', 'stores', 'paths'],
  },
  {
    name: 'state',
    duty: 'up-to-date check, source index, snapshot, journal, lock, prune: what one run leaves in `.imgproc/`',
    mayImport: ['manifest', 'plan', 'jobs', 'image', 'analyzers', 'stores', 'paths'],
  },
  {
    name: 'engines',
    duty: 'where jobs run and how many at once; memory and core budget',
    mayImport: ['jobs', 'plan', 'image', 'paths'],
  },
  {
    name: 'config',
    duty: 'finds, reads and checks a config; presets',
    mayImport: ['operations', 'plan'],
  },
  {
    name: 'transform.ts',
    duty: 'public: one image',
    mayImport: ['render', 'image', 'operations', 'decoders', 'analyzers', 'stores', 'paths'],
  },
]

const NAMES = LIBRARY.map(({ name }) => name)
const USES = ['watch', 'doctor', 'inspect', 'report', 'http', 'queue']

export const ROOMS: readonly Room[] = [
  ...LIBRARY,
  { name: 'run', duty: 'public: a whole run', mayImport: NAMES },
  { name: 'watch', duty: 'public: runs again on changes', mayImport: [...NAMES, 'run'] },
  { name: 'doctor', duty: 'diagnosis of machine, config and places', mayImport: [...NAMES, 'run'] },
  {
    name: 'inspect',
    duty: 'public: facts about a picture, its file and metadata; losses by presets',
    mayImport: [...NAMES],
  },
  {
    name: 'report',
    duty: 'public: `<picture>` from a manifest; the HTML page about a run',
    mayImport: ['manifest', 'jobs', 'metadata', 'image', 'operations', 'stores', 'paths', 'transform.ts'],
  },
  {
    name: 'http',
    duty: 'public: presets and operations over HTTP, as `imgproc/http` and `imgproc/lambda`',
    mayImport: [...NAMES, 'run'],
  },
  {
    name: 'queue',
    duty: 'jobs in Redis, by BullMQ: an engine for runs, and the worker of other machines',
    mayImport: [...NAMES, 'run'],
  },
  {
    name: 'build-tools',
    duty: 'plugins of Vite and Eleventy, as `imgproc/vite` and `imgproc/eleventy`',
    mayImport: [...NAMES, 'run', 'report'],
  },
  {
    name: 'index.ts',
    duty: 'the library',
    mayImport: [...NAMES, 'run', 'watch', 'doctor', 'inspect', 'report'],
  },
  {
    name: 'cli',
    duty: 'the command: flags, commands, terminal output; the only room that knows `process`',
    mayImport: [...NAMES, 'run', ...USES, 'index.ts'],
  },
]
