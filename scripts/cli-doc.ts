import { Command, type Option } from 'commander'
import { addProducerFlags } from '../src/cli/flags/queue-flags.js'
import { addRunFlags } from '../src/cli/flags/run-flags.js'
import { toTable } from './markdown.js'

/** Returns the table of the flags of a queue. */
export function queueFlagsTable(): string {
  const { options } = addProducerFlags(new Command())
  return toTable(['flag', 'meaning'], options.map(toCells))
}

/** Returns the table of the flags that thumbs, run and check share, from the definitions that `--help` prints. */
export function flagsTable(): string {
  const { options } = addRunFlags(new Command())
  return toTable(['flag', 'meaning'], options.map(toCells))
}

function toCells({ flags, description, argChoices, envVar }: Option): string[] {
  const choices = argChoices === undefined ? '' : ` (${argChoices.map((word) => `\`${word}\``).join(', ')})`
  const variable = envVar === undefined ? '' : `; environment: \`${envVar}\``
  return [`\`${flags}\``, `${withCode(description)}${choices}${variable}`]
}

/** Marks templates and URLs as code, which Markdown would read otherwise. */
function withCode(text: string): string {
  return text.replaceAll(/\{[^\s,;)]*\}[^\s,;)]*|\S+:\/\/[^\s,;)]*/g, '`$&`')
}
