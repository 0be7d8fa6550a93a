import type { FailOn } from '../../image/types.js'
import { resolveLocation } from '../../paths/location.js'
import { TOKEN_NAMES } from '../../paths/template.js'
import type { RunOptions } from '../../run/options.js'
import type { Flag } from './define-flag.js'
import { parseFormat } from './operation-flags.js'
import {
  nonEmpty,
  collectList,
  collectOne,
  nonNegativeInteger,
  positiveInteger,
  failureLimit,
  shard,
  quality,
  byteSize,
  duration,
} from './parse-values.js'

/** Names of the run options that accept a value of this type. */
type OptionFor<Value> = {
  [Name in keyof RunOptions]-?: Value extends RunOptions[Name] ? Name : never
}[keyof RunOptions]

/** A flag of `run`, `thumbs` and `check`. */
interface RunFlag<Value> extends Flag<Value> {
  /**
   * The run option that takes the value, or a function that returns the options to replace, given those of the config.
   * Omitted for flags that only steer the command.
   */
  readonly option?:
    | OptionFor<Value>
    | ((value: Value, options: RunOptions, cwd: string) => Partial<RunOptions>)
}

/** Infers the type of a flag's value from its parser; boolean for a switch. */
function runFlag<Value = boolean>(flag: RunFlag<Value>): RunFlag<Value> {
  return flag
}

const ADVANCED = 'Advanced (chosen automatically by default):'

const TOKENS = [...TOKEN_NAMES.map((name) => `{${name}}`), '{hash:8}'].join(' ')

/** The flags of `run`, `thumbs` and `check`, in the order of `--help`. A key is the flag's name in camelCase. */
export const RUN_FLAGS = {
  preset: runFlag({
    flags: '-p, --preset <name>',
    description: 'preset to apply; repeat the flag or separate names with commas',
    parse: collectList,
    option: 'preset',
  }),
  out: runFlag({
    flags: '-o, --out <location>',
    description:
      'output folder, a prefix such as s3://bucket/img/, gs://bucket/img/ or az://container/img/, a file such as a.webp for one image, or - for stdout (default: out, or thumbs for imgproc thumbs)',
    parse: nonEmpty,
    option(text, { batches = [] }, cwd) {
      const out = resolveLocation(text, cwd)
      return { out, batches: batches.map((batch) => ({ ...batch, out })) }
    },
  }),
  path: runFlag({
    flags: '--path <template>',
    description: `output path template, such as {dir}/{name}.{preset}.{ext}; tokens: ${TOKENS}`,
    parse: nonEmpty,
    option: 'pathForAll',
  }),
  base: runFlag({
    flags: '--base <folder>',
    description:
      'folder that {dir} is relative to (default: of each input, the folder, or the part without wildcards)',
    parse: nonEmpty,
    option: (base, _, cwd) => ({ base: resolveLocation(base, cwd) }),
  }),
  config: runFlag({
    flags: '-c, --config <file>',
    description: 'config file (default: nearest, in this folder or above)',
    parse: nonEmpty,
    env: 'IMGPROC_CONFIG',
  }),
  manifest: runFlag<string | false>({
    flags: '-m, --manifest <file>',
    description: 'manifest file (default: manifest.json in --out)',
    parse: nonEmpty,
    negated: { flags: '--no-manifest', description: 'do not write a manifest' },
    option: (file, _, cwd) => ({ manifest: file === false ? false : resolveLocation(file, cwd) }),
  }),
  concurrency: runFlag({
    flags: '-j, --concurrency <n>',
    description: 'images processed at once (default: two per core)',
    parse: positiveInteger,
    env: 'IMGPROC_CONCURRENCY',
    option: 'concurrency',
  }),
  quality: runFlag({
    flags: '-q, --quality <n>',
    description: 'encoder quality, 1 to 100, or auto',
    parse: quality,
    option: 'quality',
  }),
  widths: runFlag({
    flags: '--widths <list>',
    description: 'widths in pixels, one rendition each, such as 320,640,1280',
    parse: (text: string) => collectList(text).map(positiveInteger),
    option: 'widths',
  }),
  formats: runFlag({
    flags: '--formats <list>',
    description: 'formats, one rendition each, such as avif,webp,jpeg (for a single one: --format)',
    parse: collectList,
    option: (formats) => ({ formats: formats.map(parseFormat) }),
  }),
  analyze: runFlag({
    flags: '--analyze <list>',
    description: 'analyzers to run on each source, such as thumbhash,palette',
    parse: collectList,
    option: 'analyze',
  }),
  from: runFlag({
    flags: '--from <file>',
    description: 'read inputs from a file, one per line; - for stdin',
    parse: nonEmpty,
  }),
  ignore: runFlag({
    flags: '--ignore <glob>',
    description: 'exclude matching inputs; repeat the flag for more',
    parse: collectOne,
    option: (globs, { ignore = [] }, cwd) => ({
      ignore: [...ignore, ...globs.map((glob) => resolveLocation(glob, cwd))],
    }),
  }),
  dryRun: runFlag({
    flags: '--dry-run',
    description: 'list pending outputs and why, but write nothing',
  }),
  check: runFlag({
    flags: '--check',
    description: 'like --dry-run; exit with 1 if any output is missing or stale',
  }),
  watch: runFlag({
    flags: '--watch',
    description: 'keep running, and rebuild on changes until Ctrl-C',
  }),
  force: runFlag({
    flags: '--force',
    description: 'rebuild all outputs, even up-to-date ones',
    option: 'force',
  }),
  refresh: runFlag({
    flags: '--refresh',
    description: 'rebuild outputs made by another version of sharp or libvips',
    option: 'refresh',
  }),
  prune: runFlag({
    flags: '--prune',
    description: 'delete outputs whose source or preset is gone, or whose path has changed',
    option: 'prune',
  }),
  bail: runFlag({
    flags: '--bail',
    description: 'start no more images after the first failure',
    option: 'bail',
  }),
  maxFailures: runFlag({
    flags: '--max-failures <n>',
    description: 'start no more images after more failures than this, such as 20 or 5%',
    parse: failureLimit,
    option: 'maxFailures',
  }),
  shard: runFlag({
    flags: '--shard <i/n>',
    description: 'process only part i of n, such as 2/5; see imgproc merge',
    parse: shard,
    option: 'shard',
  }),
  allowEmpty: runFlag({
    flags: '--allow-empty',
    description: 'accept inputs that match no images',
    option: 'allowEmpty',
  }),
  sniff: runFlag({
    flags: '--sniff',
    description:
      "find images with any extension by their first bytes (default: in prefixes of buckets without an image's extension)",
    negated: {
      flags: '--no-sniff',
      description: 'find images by their extension, or by content without one',
    },
    option: 'sniff',
  }),
  failOn: runFlag<FailOn>({
    flags: '--fail-on <level>',
    description: 'lowest level of damage that counts as a failure (default: error)',
    choices: ['none', 'truncated', 'error', 'warning'],
    option: 'failOn',
  }),
  limitPixels: runFlag({
    flags: '--limit-pixels <n>',
    description: 'maximum pixels of an image (default: 268402689)',
    parse: positiveInteger,
    option: (pixels, { limits }) => ({ limits: { ...limits, pixels } }),
  }),
  limitBytes: runFlag({
    flags: '--limit-bytes <size>',
    description: 'maximum size of a source, such as 50MB (default: 256MiB)',
    parse: byteSize,
    option: (bytes, { limits }) => ({ limits: { ...limits, bytes } }),
  }),
  timeout: runFlag({
    flags: '--timeout <seconds>',
    description: 'maximum time for one processing step of an image, such as 90, 90s or 2m (default: 60s)',
    parse: duration,
    option: (seconds, { limits }) => ({ limits: { ...limits, seconds } }),
  }),
  report: runFlag({
    flags: '--report <file>',
    description: 'also write a page that shows sources, outputs and failures, such as report.html',
    parse: nonEmpty,
  }),
  json: runFlag({
    flags: '--json',
    description: 'print results as JSON to stdout, one per line',
  }),
  progress: runFlag({
    flags: '--no-progress',
    description: 'hide the progress bar',
  }),
  workers: runFlag({
    flags: '--workers <n>',
    description: 'worker processes, fewer if memory is short; 0 for none',
    parse: nonNegativeInteger,
    helpGroup: ADVANCED,
    option: 'workers',
  }),
  memory: runFlag({
    flags: '--memory <size>',
    description: 'approximate memory budget, such as 500MB (default: half of the free memory)',
    parse: byteSize,
    helpGroup: ADVANCED,
    option: 'memory',
  }),
}
