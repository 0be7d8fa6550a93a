import type { Command } from 'commander'
import type { ImageOp } from '../operations/image-op.generated.js'
import type { StatusFlags } from './commands/status.js'
import type { WorkerFlags } from './commands/worker.js'
import { addFlags, createOption } from './flags/define-flag.js'
import { addOpFlags } from './flags/operation-flags.js'
import { duration, nonEmpty, portNumber, positiveInteger } from './flags/parse-values.js'
import { addProducerFlags, addQueueFlags, SHARED_FLAGS } from './flags/queue-flags.js'
import { addInputs, addRunFlags, createConfigOption, type RunFlags } from './flags/run-flags.js'
import { RUN_FLAGS } from './flags/run-flag-table.js'
import { addS3Flags } from './flags/s3-flags.js'
import type { Printer } from './output/printer.js'

/** Adds the commands of a queue. Only they load its code. */
export function addQueueCommands(
  program: Command,
  argv: readonly string[],
  createPrinter: (command: Command) => Printer,
): void {
  addWorkerCommand(program.command('worker'), createPrinter)
  addEnqueueCommand(program.command('enqueue'), argv, createPrinter)
  addQueueFlags(program.command('status'))
    .description('Show what a queue holds and does.')
    .option('--json', 'print JSON, as autoscalers read it')
    .action(async (flags: StatusFlags) => {
      const { statusCommand } = await import('./commands/status.js')
      await statusCommand(flags)
    })
}

function addWorkerCommand(command: Command, createPrinter: (command: Command) => Printer): void {
  addS3Flags(addFlags(addQueueFlags(command), SHARED_FLAGS))
    .description('Make the images of a queue, until a signal arrives.')
    .addOption(createOption(RUN_FLAGS.concurrency))
    .addOption(createOption({ ...RUN_FLAGS.memory, helpGroup: 'Options:' }))
    .option('--rate <n>', 'images that all workers of the queue together start in a second', positiveInteger)
    .option('--port <number>', 'port for /healthz and /metrics; 0 for any that is free', portNumber)
    .option('--host <address>', 'address to listen at', nonEmpty, '127.0.0.1')
    .option('--drain <duration>', 'time for the images in progress after a signal, such as 30s', duration, 30)
    .addOption(createConfigOption())
    .action(async (flags: WorkerFlags, self: Command) => {
      const { workerCommand } = await import('./commands/worker.js')
      await workerCommand(flags, createPrinter(self))
    })
}

function addEnqueueCommand(
  command: Command,
  argv: readonly string[],
  createPrinter: (command: Command) => Printer,
): void {
  const ops: ImageOp[] = []
  addProducerFlags(addRunFlags(addInputs(command))).description(
    'Put the images of a run into a queue, and leave. A run with the same inputs and flags gathers the results.',
  )
  if (argv.includes('enqueue')) addOpFlags(command, ops)
  command.action(async (inputs: string[], flags: RunFlags, self: Command) => {
    const { enqueueCommand } = await import('./commands/enqueue.js')
    await enqueueCommand(inputs, flags, ops, { out: 'out', argv }, createPrinter(self))
  })
}
