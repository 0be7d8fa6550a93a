import type { FailOn } from '../../image/types.js'
import { resolveLocation } from '../../paths/location.js'
import type { RunOptions } from '../../run/options.js'
import type { Flag } from './define-flag.js'
import { readFormat } from './operation-flags.js'
import {
  filled,
  collectList,
  collectOne,
  countOrNone,
  count,
  failures,
  shard,
  quality,
  size,
} from './parse-values.js'

/** Names of the run options that accept such a value. */
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

/** Checks an entry of the table. Its value has the type that its parser returns; a switch's is boolean. */
function runFlag<Value = boolean>(flag: RunFlag<Value>): RunFlag<Value> {
  return flag
}

const ADVANCED = 'Advanced, found by themselves as a rule:'

/** The flags of `run`, `thumbs` and `check`, in the order of `--help`. A key is the flag's name in camelCase. */
export const RUN_FLAGS = {
  preset: runFlag({
    flags: '-p, --preset <name>',
    description: 'preset to make; repeat it, or separate names by commas',
    parse: collectList,
    option: 'preset',
  }),
  out: runFlag({
    flags: '-o, --out <place>',
    description: 'folder of the outputs, s3://bucket/prefix/, or - for one image to stdout',
    parse: filled,
    option(text, { batches = [] }, cwd) {
      const out = resolveLocation(text, cwd)
      return { out, batches: batches.map((batch) => ({ ...batch, out })) }
    },
  }),
  path: runFlag({
    flags: '--path <template>',
    description: 'path of each output, such as {dir}/{name}.{preset}.{ext}',
    parse: filled,
    option: 'pathForAll',
  }),
  base: runFlag({
    flags: '--base <folder>',
    description: 'folder that {dir} is relative to (default: the deepest that holds every input)',
    parse: filled,
    option: (base, _, cwd) => ({ base: resolveLocation(base, cwd) }),
  }),
  config: runFlag({
    flags: '-c, --config <file>',
    description: 'config file (default: found upward from here)',
    parse: filled,
    env: 'IMGPROC_CONFIG',
  }),
  manifest: runFlag<string | false>({
    flags: '-m, --manifest <file>',
    description: 'file of the manifest (default: manifest.json in --out)',
    parse: filled,
    negated: { flags: '--no-manifest', description: 'write no manifest' },
    option: (file, _, cwd) => ({ manifest: file === false ? false : resolveLocation(file, cwd) }),
  }),
  concurrency: runFlag({
    flags: '-j, --concurrency <n>',
    description: 'images in work at once (default: two a core)',
    parse: count,
    env: 'IMGPROC_CONCURRENCY',
    option: 'concurrency',
  }),
  quality: runFlag({
    flags: '-q, --quality <n>',
    description: "quality of the outputs' formats, 1 to 100, or auto",
    parse: quality,
    option: 'quality',
  }),
  widths: runFlag({
    flags: '--widths <list>',
    description: 'widths in pixels, such as 320,640,1280',
    parse: (text: string) => collectList(text).map(count),
    option: 'widths',
  }),
  formats: runFlag({
    flags: '--formats <list>',
    description: 'formats, such as avif,webp,jpeg',
    parse: collectList,
    option: (formats) => ({ formats: formats.map(readFormat) }),
  }),
  analyze: runFlag({
    flags: '--analyze <list>',
    description: 'analyzers that look at each source, such as thumbhash,palette',
    parse: collectList,
    option: 'analyze',
  }),
  from: runFlag({
    flags: '--from <file>',
    description: 'file with one input a line; - is stdin',
    parse: filled,
  }),
  ignore: runFlag({
    flags: '--ignore <glob>',
    description: 'inputs to leave out; repeat it for more',
    parse: collectOne,
    option: (globs, { ignore = [] }, cwd) => ({
      ignore: [...ignore, ...globs.map((glob) => resolveLocation(glob, cwd))],
    }),
  }),
  dryRun: runFlag({
    flags: '--dry-run',
    description: 'say what would be made and why, and make nothing',
  }),
  check: runFlag({
    flags: '--check',
    description: 'like --dry-run; exit 1 where anything would be made',
  }),
  watch: runFlag({
    flags: '--watch',
    description: 'make again what changes, until Ctrl-C',
  }),
  force: runFlag({
    flags: '--force',
    description: 'make again what is unchanged',
    option: 'force',
  }),
  refresh: runFlag({
    flags: '--refresh',
    description: 'make again what another version of sharp or libvips has made',
    option: 'refresh',
  }),
  prune: runFlag({
    flags: '--prune',
    description: 'remove outputs whose source or preset is gone, or that have a newer name',
    option: 'prune',
  }),
  bail: runFlag({
    flags: '--bail',
    description: 'begin no further image when one has failed',
    option: 'bail',
  }),
  maxFailures: runFlag({
    flags: '--max-failures <n>',
    description: 'begin no further image when more have failed, such as 20 or 5%',
    parse: failures,
    option: 'maxFailures',
  }),
  shard: runFlag({
    flags: '--shard <i/n>',
    description: 'one of n parts of the images, such as 2/5; see imgproc merge',
    parse: shard,
    option: 'shard',
  }),
  allowEmpty: runFlag({
    flags: '--allow-empty',
    description: 'no error where an input turns up nothing',
    option: 'allowEmpty',
  }),
  failOn: runFlag<FailOn>({
    flags: '--fail-on <level>',
    description: 'the least damage that fails an image',
    choices: ['none', 'truncated', 'error', 'warning'],
    option: 'failOn',
  }),
  limitPixels: runFlag({
    flags: '--limit-pixels <n>',
    description: 'most pixels of an image (default: 268402689)',
    parse: count,
    option: (pixels, { limits }) => ({ limits: { ...limits, pixels } }),
  }),
  limitBytes: runFlag({
    flags: '--limit-bytes <size>',
    description: 'most bytes of a source, such as 50MB (default: 256MB)',
    parse: size,
    option: (bytes, { limits }) => ({ limits: { ...limits, bytes } }),
  }),
  timeout: runFlag({
    flags: '--timeout <seconds>',
    description: 'most seconds for one step of an image (default: 60)',
    parse: count,
    option: (seconds, { limits }) => ({ limits: { ...limits, seconds } }),
  }),
  json: runFlag({
    flags: '--json',
    description: 'results as JSON on stdout, one a line',
  }),
  progress: runFlag({
    flags: '--no-progress',
    description: 'no progress bar',
  }),
  workers: runFlag({
    flags: '--workers <n>',
    description: 'processes that share the images, fewer where memory is short; 0 for none but this one',
    parse: countOrNone,
    helpGroup: ADVANCED,
    option: 'workers',
  }),
  memory: runFlag({
    flags: '--memory <size>',
    description: 'about what memory the run may take, such as 500MB (default: half of what is free)',
    parse: size,
    helpGroup: ADVANCED,
    option: 'memory',
  }),
}
