import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { timeCommands, type Command } from './measure.js'

/** Milliseconds between two samples. */
const INTERVAL = 50

/**
 * Runs commands and returns their peak memory in megabytes: the proportional set size (PSS) of all processes and their
 * children, in which shared pages count once. Linux only.
 */
export async function measurePeak(commands: readonly Command[]): Promise<number> {
  const ended = new AbortController()
  let watching = Promise.resolve(0)
  await timeCommands(commands, (roots) => {
    watching = watch(roots, ended.signal)
  }).finally(() => ended.abort())
  return (await watching) / 1000
}

/** Returns the peak memory of processes and their children until the signal, in kilobytes. */
async function watch(roots: readonly number[], ended: AbortSignal): Promise<number> {
  let peak = 0
  while (!ended.aborted) {
    peak = Math.max(peak, await weighTree(roots))
    await sleep(INTERVAL)
  }
  return peak
}

/** Returns the memory of processes and their descendants, in kilobytes. */
export async function weighTree(roots: readonly number[]): Promise<number> {
  const parents = await readParents()
  const tree = new Set(roots)
  // A child may precede its parent in the list, so repeat until none is found.
  for (let size = -1; size !== tree.size;) {
    size = tree.size
    for (const [process, parent] of parents) if (tree.has(parent)) tree.add(process)
  }
  const weights = await Promise.all([...tree].map(weigh))
  return weights.reduce((sum, weight) => sum + weight, 0)
}

async function readParents(): Promise<Map<number, number>> {
  const names = await readdir('/proc')
  const numbers = names.filter((name) => /^\d+$/.test(name))
  const pairs = await Promise.all(
    numbers.map(async (name): Promise<[number, number]> => {
      const stat = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => '')
      // The name in parentheses may hold any character. The state and the parent's pid follow it.
      return [Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]
    }),
  )
  return new Map(pairs)
}

/** Returns the PSS of a process in kilobytes; 0 if it has just ended. */
async function weigh(process: number): Promise<number> {
  const text = await readFile(`/proc/${process}/smaps_rollup`, 'latin1').catch(() => '')
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0)
}
