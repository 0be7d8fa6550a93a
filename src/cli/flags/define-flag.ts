import { Option, type Command } from 'commander'

/** A command line flag, regardless of the type of its value. */
export interface AnyFlag {
  /** Spelling as commander reads it: `-o, --out <folder>`. */
  readonly flags: string
  /** Text of `--help`, with the default in parentheses. */
  readonly description: string
  /** Parses the text of one occurrence; `previous` is the value of those before it. A flag without a parser is a switch. */
  readonly parse?: (text: string, previous?: never) => unknown
  /** The only texts allowed. */
  readonly choices?: readonly string[]
  /** Environment variable that is read if the flag is not given. */
  readonly env?: string
  /** Heading in `--help`. @default Options */
  readonly helpGroup?: string
  /** The flag `--no-…`, which sets the value to false. */
  readonly negated?: { readonly flags: string; readonly description: string }
}

/** A command line flag. `Value` is the type of its parsed value. */
export interface Flag<Value> extends AnyFlag {
  readonly parse?: (text: string, previous?: Value) => Value
  readonly choices?: readonly (Value & string)[]
}

/** Parsed values of a table of flags, by the table's keys. */
export type FlagValues<Table> = {
  readonly [Name in keyof Table]?: Table[Name] extends Flag<infer Value> ? Value : never
}

/** Adds the flags of a table to a command, in the table's order. */
export function addFlags(command: Command, table: Readonly<Record<string, AnyFlag>>): Command {
  for (const flag of Object.values(table)) {
    command.addOption(createOption(flag))
    if (flag.negated !== undefined) command.option(flag.negated.flags, flag.negated.description)
  }
  return command
}

/** Creates commander's option for a flag. */
export function createOption({ flags, description, parse, choices, env, helpGroup }: AnyFlag): Option {
  const option = new Option(flags, description)
  if (parse !== undefined) option.argParser<unknown>((text, previous) => parse(text, previous as never)) // returned by parse before
  if (choices !== undefined) option.choices(choices)
  if (env !== undefined) option.env(env)
  if (helpGroup !== undefined) option.helpGroup(helpGroup)
  return option
}
