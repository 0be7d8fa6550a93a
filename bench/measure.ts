import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PhotoSet } from './corpus.js'

/** A program and its arguments. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** One that runs against the others. A limit does only the part of the work that nobody can do without. */
export interface Contender {
  readonly name: string
  readonly role: 'ours' | 'peer' | 'limit'
  /** What is run, all at the same time. */
  commands(set: PhotoSet, out: string): readonly Command[]
  /** The folder where its outputs are already, if they are. @default a new one for each run */
  readonly keeps?: string
}

/** A contender's seconds, one for each round. */
export interface Series {
  readonly name: string
  readonly role: Contender['role']
  readonly seconds: readonly number[]
}

/** The middle of a list, and its ends. */
export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

export interface RaceOptions {
  readonly set: PhotoSet
  /** A few pictures that everybody runs over once before: programs and pictures are then in memory. */
  readonly warmUp: PhotoSet
  readonly rounds: number
  /** What the folders of the outputs are made in. */
  readonly out: string
  /** Files that each picture becomes. */
  readonly outputs?: number
}

/**
 * Runs all contenders in each round, so that a noisy minute hits them alike; who begins changes from round to round.
 * Who fails in the warm-up stays out, and why is among the notes.
 */
export async function race(contenders: readonly Contender[], options: RaceOptions) {
  const { set, warmUp, rounds, out, outputs = 1 } = options
  for (const file of set.files) await readFile(file)
  const notes: string[] = []
  const fit: { contender: Contender; seconds: number[] }[] = []
  for (const contender of contenders) {
    try {
      await runOnce(contender, warmUp, out, outputs)
      fit.push({ contender, seconds: [] })
    } catch (error) {
      if (contender.role === 'ours') throw error
      notes.push(`${contender.name} failed: ${String(error).split('\n')[0]}`)
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < fit.length; turn++) {
      const one = fit[(round + turn) % fit.length]
      if (one !== undefined) one.seconds.push((await runOnce(one.contender, set, out, outputs)).seconds)
    }
  }
  const series = fit.map(({ contender: { name, role }, seconds }): Series => ({ name, role, seconds }))
  return { series, notes }
}

/** Runs a contender over pictures and counts what it has made. Returns its seconds, and where that is. */
export async function runOnce(contender: Contender, set: PhotoSet, out: string, outputs = 1) {
  const folder = contender.keeps ?? (await makeFolder(out))
  const seconds = await timeCommands(contender.commands(set, folder))
  if (contender.role === 'limit') return { seconds, folder }
  const made = (await readdir(folder, { recursive: true })).filter((name) => IMAGE.test(name))
  const wanted = set.files.length * outputs
  if (made.length !== wanted) throw new Error(`${contender.name} made ${made.length} files and not ${wanted}`)
  return { seconds, folder }
}

const IMAGE = /\.(?:jpe?g|png|webp)$/

/**
 * A new folder. Nothing is removed before the end: ext4 gives away no inode for minutes after it was freed, and to pass
 * over those of 2,000 files took longer than to make a small image.
 */
export async function makeFolder(out: string): Promise<string> {
  await mkdir(out, { recursive: true })
  return mkdtemp(join(out, 'run-'))
}

/** Seconds from the start of the first command to the end of the last. */
export async function timeCommands(
  commands: readonly Command[],
  whenStarted?: (processes: readonly number[]) => void,
): Promise<number> {
  const start = performance.now()
  const running = commands.map(startCommand)
  whenStarted?.(running.flatMap(({ pid }) => pid ?? []))
  await Promise.all(running.map(({ done }) => done))
  return (performance.now() - start) / 1000
}

function startCommand({ file, args, env }: Command) {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } })
  let said = ''
  child.stderr.on('data', (text) => (said = `${said}${text}`.slice(-2000)))
  const done = new Promise<void>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`${file} ${args[0] ?? ''} ended with ${code ?? signal}: ${said.trim()}`))
    })
  })
  return { pid: child.pid, done }
}

/** How many times faster one is than another, round by round. */
export function compare(one: Series, other: Series): Spread {
  return spreadOf(one.seconds.map((seconds, round) => (other.seconds[round] ?? NaN) / seconds))
}

/** The peer that ours is the least ahead of. */
export function bestPeer(series: readonly Series[]): Series | undefined {
  const ours = series.find(({ role }) => role === 'ours')
  if (ours === undefined) return undefined
  const peers = series.filter(({ role }) => role === 'peer')
  return peers.toSorted((a, b) => compare(ours, a).median - compare(ours, b).median)[0]
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2
  return { min: sorted[0] ?? NaN, median, max: sorted.at(-1) ?? NaN }
}
