import { BUCKET_URLS } from '../paths/location.js'
import { Command, CommanderError, Help, type Option } from 'commander'
import { disableCache } from '../sharp.js'
import { ImgprocError } from '../errors.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { packageVersion } from '../manifest/tool-versions.js'
import { addProjectCommands } from './add-project-commands.js'
import { addQueueCommands } from './add-queue-commands.js'
import { addServerCommands } from './add-server-commands.js'
import { addCompletion } from './completion/add-completion.js'
import { doctorCommand, type DoctorFlags } from './commands/doctor.js'
import { loadOperationsFor } from './load-own-operations.js'
import { listOpsCommand, listPresetsCommand } from './commands/list.js'
import { mergeCommand, type MergeFlags } from './commands/merge.js'
import { runCommand, type RunContext } from './commands/run.js'
import { addOpFlags } from './flags/operation-flags.js'
import { joinOptionalValues } from './flags/optional-values.js'
import { checkCommand, createErrorWriter } from './output/explain-mistake.js'
import { createPrinter, printError, type Printer } from './output/printer.js'
import { addOptionalQueueFlags } from './flags/queue-flags.js'
import {
  addInputs,
  addRunFlags,
  createConfigOption,
  FLAG_VARIABLES,
  type RunFlags,
} from './flags/run-flags.js'
import { nonEmpty } from './flags/parse-values.js'
import { exitCodeOf } from './exit-code.js'
import { addS3Flags } from './flags/s3-flags.js'

export { endProcess } from './end-process.js'

interface GlobalFlags {
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly color?: boolean
}

const EXAMPLES = `
Examples:
  imgproc thumbs photos                              # 100x100, into thumbs/
  imgproc run a.jpg -o a.webp                        # one file
  imgproc run photos -p responsive -o public/img     # AVIF, WebP and JPEG
  imgproc run photos --resize 800 --format webp      # in the order typed
  imgproc check photos                               # is all up to date?

See also: imgproc list presets, imgproc list ops, README.md and docs/.`

/** Lists --format next to --quality, although it is an operation. */
function listFormatEarly(this: Help, command: Command): Option[] {
  const options = Help.prototype.visibleOptions.call(this, command)
  const format = options.find(({ long }) => long === '--format')
  const others = options.filter((option) => option !== format)
  const at = others.findIndex(({ long }) => long === '--quality')
  return format === undefined ? others : others.toSpliced(at, 0, format)
}

/**
 * Runs the command line. Sets the exit code: 0 success, 1 failed images or checks, 2 wrong usage.
 *
 * @returns true if most of the command's code has run: not for help, an error, or a run that writes nothing.
 */
export async function main(argv: readonly string[]): Promise<boolean> {
  // Every input is read once, so that a cache of decoded images would only use memory.
  disableCache()
  // A reader that closes stdout, such as head, is not an error; a run stops then.
  for (const stream of [process.stdout, process.stderr])
    stream.off('error', throwOthers).on('error', throwOthers)
  // An empty variable counts as unset.
  for (const name of FLAG_VARIABLES) if (process.env[name] === '') Reflect.deleteProperty(process.env, name)
  try {
    await loadOperationsFor(argv, process.cwd())
    const words = joinOptionalValues(argv, process.cwd())
    let hasWorked = true
    const program = createProgram(words, (hasWritten) => (hasWorked = hasWritten))
    checkCommand(
      words,
      program.commands.map((command) => command.name()),
    )
    await program.parseAsync(words, { from: 'user' })
    return hasWorked
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2
      return false
    }
    const verbose = argv.includes('--verbose') || argv.includes('-v')
    printError(createPrinter({ quiet: false, verbose, color: !argv.includes('--no-color') }), error)
    process.exitCode = exitCodeOf(error)
    return false
  }
}

function throwOthers(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

/** Told whether a run has written any outputs. */
type RunListener = (hasWritten: boolean) => void

/** Creates the commands. Not reusable, because operation flags collect their values. */
function createProgram(argv: readonly string[], onRun: RunListener): Command {
  const program = new Command('imgproc')
    .description('Batch image processing: thumbnails, responsive sizes and conversions, in parallel.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .option('--quiet', 'print only failures and warnings')
    .option('-v, --verbose', 'print a line for each output, and stack traces of errors')
    .option('--no-color', 'disable colours')
    // Subcommands created below inherit these settings.
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, visibleOptions: listFormatEarly })
    .addHelpText('after', EXAMPLES)
    .configureOutput({ outputError: createErrorWriter(!argv.includes('--no-color')) })
    .showHelpAfterError('See imgproc --help, or imgproc run --help.')
  addBatchCommand(
    program
      .command('thumbs')
      .description('Make thumbnails: `run` with the preset `thumb` unless --preset is given.'),
    argv,
    onRun,
    { preset: 'thumb', out: 'thumbs' },
    addOptionalQueueFlags,
  )
  addBatchCommand(
    program
      .command('run')
      .description("Apply presets and operations to images. Without inputs, run the config's batches."),
    argv,
    onRun,
    { out: 'out' },
    addOptionalQueueFlags,
  )
  addBatchCommand(
    program
      .command('check')
      .description('List missing and stale outputs, and why. Exit with 1 if there are any, for CI.'),
    argv,
    onRun,
    { out: 'out' },
    (command) => command,
    { check: true },
  )
  const printerOf = (command: Command) => toPrinter(command.optsWithGlobals())
  addProjectCommands(program, printerOf)
  addMergeCommand(program.command('merge'))
  addListCommands(program.command('list').description('List presets or operations.'))
  addDoctorCommand(program.command('doctor'))
  addExplainCommand(program.command('explain'))
  addServerCommands(program, printerOf)
  addQueueCommands(program, argv, printerOf)
  addCompletion(program, (words) => createProgram(words, () => {}))
  nameHelp(program)
  return program
}

/** Lets each command name its own help after an error. */
function nameHelp(parent: Command, words = 'imgproc'): void {
  for (const command of parent.commands) {
    const path = `${words} ${command.name()}`
    command.showHelpAfterError(`See ${path} --help.`)
    nameHelp(command, path)
  }
}

function addBatchCommand(
  command: Command,
  argv: readonly string[],
  onRun: RunListener,
  defaults: Omit<RunContext, 'argv'>,
  addMoreFlags: (command: Command) => Command,
  more: Partial<RunFlags> = {},
): void {
  const ops: ImageOp[] = []
  addMoreFlags(addRunFlags(addInputs(command)))
  // Loading the schemas of all operations takes time, and only the typed command needs them.
  if (argv.includes(command.name())) addOpFlags(command, ops)
  command.addHelpText('after', EXAMPLES)
  command.action(async (inputs: string[], flags: RunFlags, self: Command) => {
    // A command with a default preset does not run the config's batches.
    if (defaults.preset !== undefined && inputs.length === 0 && flags.from === undefined) {
      throw new ImgprocError(
        'INVALID_USAGE',
        `There are no inputs. Name images, such as: imgproc ${self.name()} 'photos/**'`,
        {
          stage: 'usage',
        },
      )
    }
    const printer = toPrinter(self.optsWithGlobals())
    onRun(await runCommand(inputs, { ...flags, ...more }, ops, { ...defaults, argv }, printer))
  })
}

function addMergeCommand(command: Command): void {
  addS3Flags(command)
    .description("Merge manifests into one, such as those of a run's shards.")
    .argument('<manifests...>', `files, quoted globs, or URLs (${BUCKET_URLS})`)
    .option('-o, --out <file>', 'manifest file, or - for stdout (default: -)', nonEmpty)
    .addOption(createConfigOption())
    .action((manifests: string[], flags: MergeFlags, self: Command) =>
      mergeCommand(manifests, flags, toPrinter(self.optsWithGlobals())),
    )
}

function addListCommands(list: Command): void {
  list
    .command('presets')
    .description('List shipped presets and those of the config.')
    .option('--json', 'print JSON')
    .addOption(createConfigOption())
    .action(listPresetsCommand)
  list
    .command('ops')
    .description('List operations with parameters, defaults and an example.')
    .argument('[names...]', 'operations to show, such as resize (default: all)')
    .option('--json', 'print JSON')
    .action(listOpsCommand)
}

function addDoctorCommand(command: Command): void {
  addS3Flags(command)
    .description('Check versions, formats, threads, memory, config, and access to storage.')
    .argument(
      '[locations...]',
      'URLs to check access to, such as s3://bucket/prefix/, gs://bucket/prefix/ or az://container/prefix/',
    )
    .option('--write', 'also write a small file there, and delete it')
    .option('--json', 'print JSON')
    .addOption(createConfigOption())
    .action((locations: string[], flags: DoctorFlags, self: Command) =>
      doctorCommand(locations, { ...flags, ...self.optsWithGlobals<DoctorFlags>() }),
    )
}

function addExplainCommand(command: Command): void {
  command
    .description('Show causes and remedies of error codes, such as CORRUPT_IMAGE.')
    .argument('[codes...]', 'codes to explain (default: list all)')
    .action(async (codes: string[]) => {
      const { explainCommand } = await import('./commands/explain.js')
      await explainCommand(codes)
    })
}

function toPrinter({ quiet = false, verbose = false, color = true }: GlobalFlags): Printer {
  return createPrinter({ quiet, verbose, color })
}
