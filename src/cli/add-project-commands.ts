import type { Command } from 'commander'
import type { InspectFlags } from './commands/inspect.js'
import type { ReportFlags } from './commands/report.js'
import { addMarkupFlags, type MarkupFlags } from './flags/markup-flags.js'
import { collectList, nonEmpty } from './flags/parse-values.js'
import { createConfigOption } from './flags/run-flags.js'
import { addS3Flags } from './flags/s3-flags.js'
import type { Printer } from './output/printer.js'

/** Adds the commands that begin a project and show its pictures. Only they load their code. */
export function addProjectCommands(program: Command, createPrinter: (command: Command) => Printer): void {
  program
    .command('init')
    .description("Write a commented config, for the framework's public folder and the images found here.")
    .action(async (_: object, self: Command) => {
      const { initCommand } = await import('./commands/init.js')
      await initCommand(createPrinter(self))
    })
  program
    .command('report')
    .description('Write a page about a manifest: sources beside outputs, sizes, savings and failures.')
    .argument('[manifest]', "manifest or its folder (default: the config's, or that of out or thumbs)")
    .option('-o, --out <file>', 'page to write (default: report.html beside the manifest)', nonEmpty)
    .option('--embed', 'hold all pictures in the page (default: for up to 60 sources and 16 MB)')
    .option('--no-embed', 'link to the files of the pictures')
    .addOption(createConfigOption())
    .action(async (manifest: string | undefined, flags: ReportFlags, self: Command) => {
      const { reportCommand } = await import('./commands/report.js')
      await reportCommand(manifest, flags, createPrinter(self))
    })
  addS3Flags(program.command('inspect'))
    .description(
      'Show facts about images: format, colours, animation, metadata, and what presets would lose.',
    )
    .argument(
      '<inputs...>',
      'files, folders, quoted globs, URLs (s3://, gs://, az://, https://, data:), or - for stdin',
    )
    .option('--gps', 'show positions')
    .option('--analyze <list>', 'analyzers, or none (default: all for one image or --json)', collectNames)
    .option(
      '-p, --preset <name>',
      "presets to compare with, or none (default: the config's, or all)",
      collectNames,
    )
    .option('--json', 'print JSON, one line per image')
    .addOption(createConfigOption())
    .action(async (inputs: string[], flags: InspectFlags, self: Command) => {
      const { inspectCommand } = await import('./commands/inspect.js')
      await inspectCommand(inputs, flags, createPrinter(self))
    })
  addMarkupFlags(program.command('markup'))
    .description('Print the <picture> of sources in a manifest, with all their sizes and formats.')
    .argument(
      '[sources...]',
      "sources as the manifest names them (default: all), behind the manifest, its folder or URL (default: the config's, or that of out or thumbs)",
    )
    .action(async (words: string[], flags: MarkupFlags) => {
      const { markupCommand } = await import('./commands/markup.js')
      await markupCommand(words, flags)
    })
}

/** Collects names. `none` stands for an empty list. */
function collectNames(text: string, before: string[] = []): string[] {
  return text === 'none' ? [] : collectList(text, before)
}
