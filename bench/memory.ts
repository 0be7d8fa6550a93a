import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { timeCommands, type Command } from './measure.js'

/** Milliseconds between two looks. */
const INTERVAL = 50

/**
 * The most memory that commands held at one time, in megabytes: the proportional set size (PSS), in which what
 * processes share counts once, over all of them and their children. Only Linux tells it.
 */
export async function measurePeak(commands: readonly Command[]): Promise<number> {
  const ended = new AbortController()
  let watching = Promise.resolve(0)
  await timeCommands(commands, (roots) => {
    watching = watch(roots, ended.signal)
  }).finally(() => ended.abort())
  return (await watching) / 1000
}

/** The most kilobytes that processes and their children held until the signal. */
async function watch(roots: readonly number[], ended: AbortSignal): Promise<number> {
  let peak = 0
  while (!ended.aborted) {
    peak = Math.max(peak, await weighTree(roots))
    await sleep(INTERVAL)
  }
  return peak
}

/** Kilobytes of processes and all that descend from them. */
async function weighTree(roots: readonly number[]): Promise<number> {
  const parents = await readParents()
  const tree = new Set(roots)
  // A child may stand before its parent in the list: once more, until none is found.
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
      // Behind the name in parentheses, which may hold anything: the state, then the parent.
      return [Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]
    }),
  )
  return new Map(pairs)
}

/** Nothing where the process has just ended. */
async function weigh(process: number): Promise<number> {
  const text = await readFile(`/proc/${process}/smaps_rollup`, 'latin1').catch(() => '')
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0)
}
