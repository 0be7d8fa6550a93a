import { BUCKET_URLS } from '../paths/location.js'
import type { Command } from 'commander'
import type { ServeFlags } from './commands/serve.js'
import type { SignFlags } from './commands/sign.js'
import type { TokenFlags } from './commands/token.js'
import { collectList, duration, nonEmpty, portNumber } from './flags/parse-values.js'
import { addServerQueueFlags } from './flags/queue-flags.js'
import { createConfigOption } from './flags/run-flags.js'
import { addS3Flags } from './flags/s3-flags.js'
import type { Printer } from './output/printer.js'

/** Adds the commands of the HTTP server. Only they load its code. */
export function addServerCommands(program: Command, createPrinter: (command: Command) => Printer): void {
  addS3Flags(addServerQueueFlags(program.command('serve')))
    .description('Answer HTTP requests for images, with presets and operations in the URL.')
    .option('--port <number>', 'port; 0 for any that is free', portNumber, 3000)
    .option('--host <address>', 'address to listen at', nonEmpty, '127.0.0.1')
    .option('--store <place>', `folder, or prefix of ${BUCKET_URLS} (default: ./imgproc-data)`, nonEmpty)
    .option('--open', 'let everybody upload, read and delete on other hosts')
    .option('--demo', 'show a page at / to try operations on pictures')
    .addOption(createConfigOption())
    .action(async (flags: ServeFlags, self: Command) => {
      const { serveCommand } = await import('./commands/serve.js')
      await serveCommand(flags, createPrinter(self))
    })
  program
    .command('token')
    .description('Make a bearer token for the server, and its entry in the config.')
    .argument('<id>', 'name of the token, such as shop', nonEmpty)
    .option('--scopes <list>', 'rights: read, write, admin (default: read,write)', collectList)
    .action(async (id: string, flags: TokenFlags) => {
      const { tokenCommand } = await import('./commands/token.js')
      tokenCommand(id, flags)
    })
  program
    .command('sign')
    .description('Sign the URL of an image, by a key of the config or IMGPROC_SIGNING_KEYS.')
    .argument('<url>', 'URL, or its path and query', nonEmpty)
    .option('--key <id>', 'id of the key (default: the first)', nonEmpty)
    .option('--expires <duration>', 'validity, such as 30m, 1h or 7d (default: forever)', duration)
    .addOption(createConfigOption())
    .action(async (url: string, flags: SignFlags) => {
      const { signCommand } = await import('./commands/sign.js')
      await signCommand(url, flags)
    })
}
