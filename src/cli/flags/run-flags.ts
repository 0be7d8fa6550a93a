import { Option, type Command } from 'commander'
import type { RunOptions } from '../../run/options.js'
import type { S3Flags } from './s3-flags.js'
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

/** What commander makes of the flags that `thumbs` and `run` share. */
export interface RunFlags extends S3Flags {
  readonly preset?: string[]
  readonly out?: string
  readonly path?: string
  readonly base?: string
  readonly config?: string
  readonly manifest?: string | boolean
  readonly concurrency?: number
  readonly workers?: number
  readonly memory?: number
  readonly quality?: number | 'auto'
  readonly widths?: number[]
  readonly formats?: string[]
  readonly analyze?: string[]
  readonly ignore?: string[]
  readonly from?: string
  readonly dryRun?: boolean
  readonly check?: boolean
  readonly watch?: boolean
  readonly force?: boolean
  readonly refresh?: boolean
  readonly prune?: boolean
  readonly bail?: boolean
  readonly maxFailures?: NonNullable<RunOptions['maxFailures']>
  readonly shard?: string
  readonly allowEmpty?: boolean
  readonly failOn?: NonNullable<RunOptions['failOn']>
  readonly limitPixels?: number
  readonly limitBytes?: number
  readonly timeout?: number
  readonly json?: boolean
  readonly progress?: boolean
}

/** Adds the flags that `thumbs` and `run` share. */
export function addRunFlags(command: Command): Command {
  command
    .option('-p, --preset <name>', 'preset to make; repeat it, or separate names by commas', collectList)
    .option(
      '-o, --out <place>',
      'folder of the outputs, s3://bucket/prefix/, or - for one image to stdout',
      filled,
    )
    .option('--path <template>', 'path of each output, such as {dir}/{name}.{preset}.{ext}', filled)
    .option(
      '--base <folder>',
      'folder that {dir} is relative to (default: the deepest that holds every input)',
      filled,
    )
    .addOption(configOption())
    .option('-m, --manifest <file>', 'file of the manifest (default: manifest.json in --out)', filled)
    .option('--no-manifest', 'write no manifest')
    .addOption(
      new Option('-j, --concurrency <n>', 'images in work at once (default: two a core)')
        .env('IMGPROC_CONCURRENCY')
        .argParser(count),
    )
    .option('-q, --quality <n>', "quality of the outputs' formats, 1 to 100, or auto", quality)
    .option('--widths <list>', 'widths in pixels, such as 320,640,1280', (text: string) =>
      collectList(text).map(count),
    )
    .option('--formats <list>', 'formats, such as avif,webp,jpeg', collectList)
    .option('--analyze <list>', 'analyzers that look at each source, such as thumbhash,palette', collectList)
    .option('--from <file>', 'file with one input a line; - is stdin', filled)
    .option('--ignore <glob>', 'inputs to leave out; repeat it for more', collectOne)
    .option('--dry-run', 'say what would be made and why, and make nothing')
    .option('--check', 'like --dry-run; exit 1 where anything would be made')
    .option('--watch', 'make again what changes, until Ctrl-C')
    .option('--force', 'make again what is unchanged')
    .option('--refresh', 'make again what another version of sharp or libvips has made')
    .option('--prune', 'remove outputs whose source or preset is gone, or that have a newer name')
    .option('--bail', 'begin no further image when one has failed')
    .option('--max-failures <n>', 'begin no further image when more have failed, such as 20 or 5%', failures)
    .option('--shard <i/n>', 'one of n parts of the images, such as 2/5; see imgproc merge', shard)
    .option('--allow-empty', 'no error where an input turns up nothing')
    .addOption(
      new Option('--fail-on <level>', 'the least damage that fails an image').choices([
        'none',
        'truncated',
        'error',
        'warning',
      ]),
    )
    .option('--limit-pixels <n>', 'most pixels of an image (default: 268402689)', count)
    .option('--limit-bytes <size>', 'most bytes of a source, such as 50MB (default: 256MB)', size)
    .option('--timeout <seconds>', 'most seconds for one step of an image (default: 60)', count)
    .option('--json', 'results as JSON on stdout, one a line')
    .option('--no-progress', 'no progress bar')
  return addAdvancedFlags(command)
}

const ADVANCED = 'Advanced, found by themselves as a rule:'

/** For those who measure: what is best is found by itself. */
function addAdvancedFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--workers <n>',
        'processes that share the images, fewer where memory is short; 0 for none but this one',
      )
        .argParser(countOrNone)
        .helpGroup(ADVANCED),
    )
    .addOption(
      new Option(
        '--memory <size>',
        'about what memory the run may take, such as 500MB (default: half of what is free)',
      )
        .argParser(size)
        .helpGroup(ADVANCED),
    )
}

/** `--config`, for every command that reads one. */
export function configOption(): Option {
  return new Option('-c, --config <file>', 'config file (default: found upward from here)')
    .env('IMGPROC_CONFIG')
    .argParser(filled)
}
