import { SingleBar } from 'cli-progress'
import type { Job, JobEvent, Result } from '../../jobs/types.js'
import {
  createProgressCounter,
  estimateSeconds,
  formatRate,
  formatSeconds,
  type ProgressCount,
} from './progress-counter.js'

/** Shows the progress of a run. */
export interface Progress {
  start(jobs: Iterable<Job>): void
  note(event: JobEvent): void
  add(result: Result): void
  stop(): void
}

const SILENT: Progress = { start() {}, note() {}, add() {}, stop() {} }

/** Milliseconds between progress lines if stderr is not a terminal. */
const LINE_INTERVAL = 5000
/** Milliseconds between updates of the time on a terminal. */
const BAR_INTERVAL = 1000
/** Characters of a path on the bar's line, at most: a line that wraps cannot be overwritten. */
const MAX_PATH = 32

/** Creates a bar on a terminal, or lines in a pipe or CI. Prints nothing if disabled. */
export function createProgress(isEnabled: boolean): Progress {
  if (!isEnabled) return SILENT
  return process.stderr.isTTY && process.env['CI'] === undefined ? createBar() : createLines()
}

function createBar(): Progress {
  const bar = new SingleBar({
    format: '{bar} {value}/{total}{facts}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    clearOnComplete: true,
    stream: process.stderr,
  })
  const show = (count: ProgressCount, seconds: number) => {
    const { current } = count
    const name =
      current !== undefined && current.length > MAX_PATH ? `…${current.slice(1 - MAX_PATH)}` : current
    const facts = [...describeTime(count, seconds), name].filter((fact) => fact !== undefined)
    bar.update(count.done, { facts: facts.map((fact) => `  ${fact}`).join('') })
  }
  return createTimed(BAR_INTERVAL, {
    start: (total) => bar.start(total, 0, { facts: '' }),
    update: (count, seconds) => (bar.isActive ? show(count, seconds) : undefined),
    tick: (count, seconds) => (bar.isActive ? show(count, seconds) : undefined),
    stop: () => bar.stop(),
  })
}

function createLines(): Progress {
  let last = ''
  return createTimed(LINE_INTERVAL, {
    tick(count, seconds) {
      const state = JSON.stringify(count)
      if (state === last || count.done === count.total) return
      last = state
      process.stderr.write(`${describeProgress(count, seconds)}\n`)
    },
  })
}

/** Returns a line such as `21/60 renditions, 2/4 images, 12 s, 6.0 s/img, ETA 22 s, in work: a.heic`. */
export function describeProgress(count: ProgressCount, seconds: number): string {
  const { done, total, images, allImages, current } = count
  return [
    `${done}/${total} renditions`,
    `${images}/${allImages} images`,
    ...describeTime(count, seconds),
    ...(current === undefined ? [] : [`in work: ${current}`]),
  ].join(', ')
}

function describeTime(count: ProgressCount, seconds: number): string[] {
  const left = estimateSeconds(count, seconds)
  return [
    formatSeconds(seconds),
    formatRate(count.images, seconds),
    left === undefined ? '' : `ETA ${formatSeconds(left)}`,
    count.failed > 0 ? `${count.failed} failed` : '',
  ].filter((text) => text !== '')
}

interface Display {
  readonly start?: (total: number) => void
  /** Called after each result and event. */
  readonly update?: (count: ProgressCount, seconds: number) => void
  /** Called at the interval. */
  readonly tick: (count: ProgressCount, seconds: number) => void
  readonly stop?: () => void
}

function createTimed(interval: number, { start, update, tick, stop }: Display): Progress {
  const counter = createProgressCounter()
  let started = performance.now()
  let timer: NodeJS.Timeout | undefined
  const seconds = () => (performance.now() - started) / 1000
  return {
    start(jobs) {
      counter.start(jobs)
      started = performance.now()
      const { total } = counter.count()
      if (total < 2) return
      start?.(total)
      timer = setInterval(() => tick(counter.count(), seconds()), interval).unref()
    },
    note(event) {
      counter.note(event)
      if (timer !== undefined) update?.(counter.count(), seconds())
    },
    add(result) {
      counter.add(result)
      if (timer !== undefined) update?.(counter.count(), seconds())
    },
    stop() {
      clearInterval(timer)
      stop?.()
    },
  }
}
