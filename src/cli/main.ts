import { Command, CommanderError } from 'commander'
import { disableCache } from '../sharp.js'
import { ERRORS, ImgprocError } from '../errors.js'
import type { ImageOp } from '../operations/image-op.generated.js'
import { packageVersion } from '../manifest/tool-versions.js'
import { doctorCommand, type DoctorFlags } from './commands/doctor.js'
import { listOpsCommand, listPresetsCommand } from './commands/list.js'
import { mergeCommand, type MergeFlags } from './commands/merge.js'
import { runCommand, type RunDefaults } from './commands/run.js'
import { addOpFlags, addValuesToBareFlags } from './flags/operation-flags.js'
import { createPrinter, printError, wantsColour, type Printer } from './output/printer.js'
import { addRunFlags, createConfigOption, FLAG_VARIABLES, type RunFlags } from './flags/run-flags.js'
import { filled } from './flags/parse-values.js'
import { addS3Flags } from './flags/s3-flags.js'

interface GlobalFlags {
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly color?: boolean
}

/** Runs the command line. Sets the exit code: 0 well, 1 images failed, 2 usage. */
export async function main(argv: readonly string[]): Promise<void> {
  // Every input is read once: a cache of decoded images only takes memory.
  disableCache()
  // A reader of stdout that leaves, such as head, is no error; a run stops then.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  // An empty variable is an unset one.
  for (const name of FLAG_VARIABLES) if (process.env[name] === '') Reflect.deleteProperty(process.env, name)
  try {
    await createProgram(argv).parseAsync(addValuesToBareFlags(argv), { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2
      return
    }
    const verbose = argv.includes('--verbose') || argv.includes('-v')
    printError(
      createPrinter({ quiet: false, verbose, colour: wantsColour(!argv.includes('--no-color')) }),
      error,
    )
    process.exitCode = error instanceof ImgprocError ? ERRORS[error.code].exit : 1
  }
}

/** The commands, anew for every call: operation flags collect what they are given. */
function createProgram(argv: readonly string[]): Command {
  const program = new Command('imgproc')
    .description('Makes many images from many images: thumbnails, sizes, formats, in one go and in parallel.')
    .version(packageVersion(), '-V, --version')
    .option('--quiet', 'say nothing but what failed')
    .option('-v, --verbose', 'say what is made of each image, and the stack of an error')
    .option('--no-color', 'no colours')
    // What is set here, the commands below take over.
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'error ').replace('\n(', ' (')),
    })
  addBatchCommand(
    program
      .command('thumbs')
      .description('Makes thumbnails of images: `run` with the preset `thumb` unless another is named.'),
    argv,
    { preset: 'thumb', out: 'thumbs' },
  )
  addBatchCommand(
    program
      .command('run')
      .description("Applies presets and operations to images; without inputs, makes the config's batches."),
    argv,
    { out: 'out' },
  )
  addBatchCommand(
    program
      .command('check')
      .description('Says which outputs are missing or stale, and why; exit 1 if any are. For CI.'),
    argv,
    { out: 'out' },
    { check: true },
  )
  addMergeCommand(program.command('merge'))
  addListCommands(program.command('list').description('Shows what there is.'))
  addDoctorCommand(program.command('doctor'))
  return program
}

function addBatchCommand(
  command: Command,
  argv: readonly string[],
  defaults: RunDefaults,
  more: Partial<RunFlags> = {},
): void {
  const ops: ImageOp[] = []
  addRunFlags(
    command.argument(
      '[inputs...]',
      'files, folders, globs in quotes, URLs (s3://, https://, data:), or - for stdin',
    ),
  )
  // Those of a command that isn't typed nobody sees, and to read all the schemas takes time.
  if (argv.includes(command.name())) addOpFlags(command, ops)
  command.action(async (inputs: string[], flags: RunFlags, self: Command) => {
    // What has a preset of its own needs no config, but inputs.
    if (defaults.preset !== undefined && inputs.length === 0 && flags.from === undefined) {
      throw new ImgprocError('INVALID_USAGE', `Name the images: imgproc ${self.name()} 'photos/**'`, {
        stage: 'usage',
      })
    }
    await runCommand(inputs, { ...flags, ...more }, ops, defaults, toPrinter(self.optsWithGlobals()))
  })
}

function addMergeCommand(command: Command): void {
  addS3Flags(command)
    .description("Makes one manifest of several, such as those of a run's shards.")
    .argument('<manifests...>', 'files, globs in quotes, or s3://')
    .option('-o, --out <file>', 'file of the manifest, or - for stdout (default: -)', filled)
    .addOption(createConfigOption())
    .action((manifests: string[], flags: MergeFlags, self: Command) =>
      mergeCommand(manifests, flags, toPrinter(self.optsWithGlobals())),
    )
}

function addListCommands(list: Command): void {
  list
    .command('presets')
    .description('The presets: shipped ones and those of the config.')
    .option('--json', 'as JSON')
    .addOption(createConfigOption())
    .action(listPresetsCommand)
  list
    .command('ops')
    .description('The operations, with parameters, defaults and an example.')
    .option('--json', 'as JSON')
    .action(listOpsCommand)
}

function addDoctorCommand(command: Command): void {
  addS3Flags(command)
    .description('Says what works here, and what lacks and how to get it; tries places too.')
    .argument('[places...]', 'URLs of places to try: s3://bucket/prefix/')
    .option('--write', 'write a tiny file there too, and remove it')
    .option('--json', 'as JSON')
    .addOption(createConfigOption())
    .action((places: string[], flags: DoctorFlags, self: Command) =>
      doctorCommand(places, { ...flags, ...self.optsWithGlobals<DoctorFlags>() }),
    )
}

function toPrinter({ quiet = false, verbose = false, color = true }: GlobalFlags): Printer {
  return createPrinter({ quiet, verbose, colour: wantsColour(color) })
}
