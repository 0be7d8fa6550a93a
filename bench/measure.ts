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

/** A program in a race. A `limit` does only the part of the work that none can avoid. */
export interface Contender {
  readonly name: string
  readonly role: 'ours' | 'peer' | 'limit'
  /** Returns the commands, which run at the same time. */
  commands(set: PhotoSet, out: string): readonly Command[]
  /** Folder that already holds its outputs. @default a new folder for each run */
  readonly keeps?: string
  /** Counts its outputs. @default the images in the folder */
  readonly countOutputs?: (out: string) => Promise<number>
}

/** Times of a contender, one for each round. */
export interface Series {
  readonly name: string
  readonly role: Contender['role']
  readonly seconds: readonly number[]
  /** Seconds of processor time, of all threads and processes. */
  readonly cpu: readonly number[]
}

/** Times of one run. */
export interface Times {
  readonly seconds: number
  /** Seconds of processor time, of all threads and processes. */
  readonly cpu: number
}

/** Median, minimum and maximum of a list. */
export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

export interface RaceOptions {
  readonly set: PhotoSet
  /** A few images for a run before the race, so that programs and images are in the page cache. */
  readonly warmUp: PhotoSet
  readonly rounds: number
  /** Folder in which the output folders are created. */
  readonly out: string
  /** Outputs of each image. @default 1 */
  readonly outputs?: number
}

/**
 * Runs all contenders in each round, so that a noisy minute affects all. The first one changes from round to round.
 * A contender that fails in the warm-up is left out, and the notes say why. A failure of imgproc is thrown.
 */
export async function race(contenders: readonly Contender[], options: RaceOptions) {
  const { set, warmUp, rounds, out, outputs = 1 } = options
  for (const file of set.files) await readFile(file)
  const notes: string[] = []
  const fit: { contender: Contender; times: Times[] }[] = []
  for (const contender of contenders) {
    try {
      await runOnce(contender, warmUp, out, outputs)
      fit.push({ contender, times: [] })
    } catch (error) {
      if (contender.role === 'ours') throw error
      notes.push(`${contender.name} failed: ${String(error).split('\n')[0]}`)
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < fit.length; turn++) {
      const one = fit[(round + turn) % fit.length]
      if (one !== undefined) one.times.push((await runOnce(one.contender, set, out, outputs)).times)
    }
  }
  const series = fit.map(({ contender: { name, role }, times }): Series => ({
    name,
    role,
    seconds: times.map(({ seconds }) => seconds),
    cpu: times.map(({ cpu }) => cpu),
  }))
  return { series, notes }
}

/** Runs a contender over images. Returns its times and its output folder. Throws if the number of outputs is wrong. */
export async function runOnce(contender: Contender, set: PhotoSet, out: string, outputs = 1) {
  const folder = contender.keeps ?? (await makeFolder(out))
  const times = await timeCommands(contender.commands(set, folder))
  if (contender.role === 'limit') return { times, folder }
  const made = await (contender.countOutputs ?? countImages)(folder)
  const wanted = set.files.length * outputs
  if (made !== wanted) throw new Error(`${contender.name} made ${made} files, expected ${wanted}`)
  return { times, folder }
}

async function countImages(folder: string): Promise<number> {
  return (await readdir(folder, { recursive: true })).filter((name) => IMAGE.test(name)).length
}

const IMAGE = /\.(?:jpe?g|png|webp)$/

/**
 * Creates an output folder. None is removed before the end: ext4 does not reuse inodes for minutes after they were freed,
 * and skipping those of 2,000 files took longer than making a small image.
 */
export async function makeFolder(out: string): Promise<string> {
  await mkdir(out, { recursive: true })
  return mkdtemp(join(out, 'run-'))
}

/** Runs commands at the same time: from the start of the first to the end of the last. */
export async function timeCommands(
  commands: readonly Command[],
  whenStarted?: (processes: readonly number[]) => void,
): Promise<Times> {
  const start = performance.now()
  const running = commands.map(startCommand)
  whenStarted?.(running.flatMap(({ pid }) => pid ?? []))
  const cpu = await Promise.all(running.map(({ done }) => done))
  return { seconds: (performance.now() - start) / 1000, cpu: cpu.reduce((sum, each) => sum + each, 0) }
}

/** Runs a command and prints its processor time to stderr, which Node.js does not tell of a child. Takes 2 ms. */
const TIMED = 'TIMEFORMAT="%U %S"; time "$@"'

function startCommand({ file, args, env }: Command) {
  const child = spawn('bash', ['-c', TIMED, 'bash', file, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  })
  let said = ''
  child.stderr.on('data', (text) => (said = `${said}${text}`.slice(-2000)))
  const done = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      const [times = '', user, system] = /([\d.]+) ([\d.]+)\n$/.exec(said) ?? []
      if (code === 0) resolve(Number(user) + Number(system))
      else
        reject(
          new Error(
            `${file} ${args[0] ?? ''} exited with ${code ?? signal}: ${said.replace(times, '').trim()}`,
          ),
        )
    })
  })
  return { pid: child.pid, done }
}

/** Returns how many times as fast one contender is as another, round by round. */
export function compare(one: Series, other: Series): Spread {
  return spreadOf(one.seconds.map((seconds, round) => (other.seconds[round] ?? NaN) / seconds))
}

/** Returns the peer that imgproc is least ahead of. */
export function bestPeer(series: readonly Series[]): Series | undefined {
  const ours = series.find(({ role }) => role === 'ours')
  if (ours === undefined) return undefined
  const peers = series.filter(({ role }) => role === 'peer')
  return peers.toSorted((a, b) => compare(ours, a).median - compare(ours, b).median)[0]
}

/** Returns median, minimum and maximum. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const median = ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2
  return { min: sorted[0] ?? NaN, median, max: sorted.at(-1) ?? NaN }
}
