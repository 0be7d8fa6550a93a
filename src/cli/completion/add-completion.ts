import { Argument, type Command } from 'commander'
import { FILES, shellScript, SHELLS, type Shell } from './shell-scripts.js'

/** Adds the command that prints a shell's script, and the one that the script asks. Only they load the code behind it. */
export function addCompletion(program: Command, createProgram: (words: readonly string[]) => Command): void {
  program
    .command('completion')
    .description('Print a script that completes commands, flags, presets and values with the tab key.')
    .addArgument(new Argument('<shell>', 'shell').choices(SHELLS))
    .addHelpText('after', '\nFor bash, put this into ~/.bashrc:  eval "$(imgproc completion bash)"')
    .action((shell: Shell) => void process.stdout.write(shellScript(shell)))
  program
    .command('complete', { hidden: true })
    .description('Print the words that may stand in the place of the last one, for the scripts of shells.')
    .argument('[words...]')
    .action(async (words: string[]) => {
      const { complete } = await import('./complete.js')
      const found = await complete(createProgram, words, process.cwd())
      const last = words.at(-1) ?? ''
      const lines = found
        ?.filter(({ word }) => word.startsWith(last))
        .map(({ word, meaning = '' }) => (meaning === '' ? word : `${word}\t${toOneLine(meaning)}`))
      process.stdout.write((lines ?? [FILES]).map((line) => `${line}\n`).join(''))
    })
}

function toOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
