import type { Command } from 'commander'
import { addFlags, type Flag, type FlagValues } from './define-flag.js'
import { collectOne, jobPriority, nonEmpty } from './parse-values.js'

/** Infers the type of a flag's value from its parser. */
function queueFlag<Value>(flag: Flag<Value>): Flag<Value> {
  return flag
}

const GROUP = 'Queue (many machines):'

/** The flags of commands that are of no use without a queue. A key is the flag's name in camelCase. */
export const QUEUE_FLAGS = {
  queue: queueFlag({
    flags: '--queue <address>',
    description: 'Redis server: redis://… or rediss://…, or a JSON file with options of ioredis',
    parse: nonEmpty,
    env: 'IMGPROC_QUEUE',
    helpGroup: GROUP,
  }),
  queueName: queueFlag({
    flags: '--queue-name <name>',
    description: 'queue on that server (default: images)',
    parse: nonEmpty,
    helpGroup: GROUP,
  }),
}

/** The address of commands that have other ways than a queue. */
const { env: _, ...OPTIONAL_QUEUE } = QUEUE_FLAGS.queue

/** The flag of commands whose jobs read and write places. */
export const SHARED_FLAGS = {
  shared: queueFlag<string[]>({
    flags: '--shared <folder>',
    description: 'folder that all machines see under this path; repeat the flag for more',
    parse: collectOne,
    helpGroup: GROUP,
  }),
}

/** The flag of commands that put jobs into a queue. */
const PRIORITY_FLAGS = {
  priority: queueFlag({
    flags: '--priority <n>',
    description: 'place in the queue; 1 goes first (default: 100)',
    parse: jobPriority,
    helpGroup: GROUP,
  }),
}

/** Parsed flags of every command that uses a queue. */
export type QueueFlags = FlagValues<typeof QUEUE_FLAGS>

/** Parsed flags of commands that put jobs into a queue. */
export type ProducerFlags = QueueFlags & FlagValues<typeof SHARED_FLAGS> & FlagValues<typeof PRIORITY_FLAGS>

/** Adds the flags of commands that are of no use without a queue. */
export function addQueueFlags(command: Command): Command {
  return addFlags(command, QUEUE_FLAGS)
}

/** Adds the flags of `serve`, which uses a queue only if it is named: a variable must not decide that. */
export function addServerQueueFlags(command: Command): Command {
  return addFlags(command, { ...QUEUE_FLAGS, queue: OPTIONAL_QUEUE, ...SHARED_FLAGS })
}

/** Adds the flags of `enqueue`. */
export function addProducerFlags(command: Command): Command {
  return addFlags(command, { ...QUEUE_FLAGS, ...SHARED_FLAGS, ...PRIORITY_FLAGS })
}

/** Adds the flags of `run` and `thumbs`, which use a queue only if it is named: a variable must not decide that. */
export function addOptionalQueueFlags(command: Command): Command {
  return addFlags(command, { ...QUEUE_FLAGS, queue: OPTIONAL_QUEUE, ...SHARED_FLAGS, ...PRIORITY_FLAGS })
}
