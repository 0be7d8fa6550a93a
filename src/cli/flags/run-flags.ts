import type { Command, Option } from 'commander'
import type { RunOptions } from '../../run/options.js'
import { addFlags, createOption, type FlagValues } from './define-flag.js'
import { QUEUE_FLAGS, type ProducerFlags } from './queue-flags.js'
import { RUN_FLAGS } from './run-flag-table.js'
import { addS3Flags, mergeS3Flags, type S3Flags } from './s3-flags.js'

/** Parsed flags of `run`, `thumbs` and `check`. */
export interface RunFlags extends FlagValues<typeof RUN_FLAGS>, S3Flags, ProducerFlags {}

/** Environment variables that are read if their flag is not given. */
export const FLAG_VARIABLES: readonly string[] = Object.values({ ...RUN_FLAGS, ...QUEUE_FLAGS }).flatMap(
  ({ env }) => env ?? [],
)

/** Adds the argument of commands that make images. */
export function addInputs(command: Command): Command {
  return command.argument(
    '[inputs...]',
    'files, folders, quoted globs, URLs (s3://, gs://, az://, https://, data:), or - for stdin',
  )
}

/** Adds the flags of `run`, `thumbs` and `check`, except those of operations. */
export function addRunFlags(command: Command): Command {
  return addS3Flags(addFlags(command, RUN_FLAGS))
}

/** Creates the option `--config`, for every command that reads a config. */
export function createConfigOption(): Option {
  return createOption(RUN_FLAGS.config)
}

/** Returns run options with the values of the given flags. Paths in flags are relative to `cwd`. */
export function applyRunFlags(flags: RunFlags, options: RunOptions, cwd: string): RunOptions {
  const applied: RunOptions = { ...options, s3: mergeS3Flags(flags, options.s3) }
  for (const [name, { option }] of Object.entries(RUN_FLAGS)) {
    const value = flags[name as keyof typeof RUN_FLAGS] // a key of the table
    if (value === undefined || option === undefined) continue
    if (typeof option === 'function') {
      Object.assign(applied, option(value as never, applied, cwd)) // both are this flag's
    } else Object.assign(applied, { [option]: value })
  }
  return applied
}
