import { SingleBar } from 'cli-progress'
import type { Job, JobEvent, Result } from '../../jobs/types.js'
import {
  createProgressCounter,
  estimateSeconds,
  formatRate,
  formatSeconds,
  type ProgressCount,
} from './progress-counter.js'
import { shortenMiddle, toPrintable } from './text-columns.js'
import { readClock } from '../../utils/clock.js'

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
/** Characters of the bar, and of one on a narrow terminal. */
const BAR_SIZE = 24
const NARROW_BAR_SIZE = 8
/** Terminals below this width have the narrow bar. */
const NARROW_COLUMNS = 60
/** A path is left out if it has less room. */
const MIN_PATH = 8
/** A path needs no more. */
const MAX_PATH = 60

/** Creates a bar on a terminal, or lines in a pipe or CI. Prints nothing if disabled. */
export function createProgress(isEnabled: boolean): Progress {
  if (!isEnabled) return SILENT
  const { CI, TERM } = process.env
  // A dumb terminal cannot overwrite a line.
  return process.stderr.isTTY && CI === undefined && TERM !== 'dumb' ? createBar() : createLines()
}

/** Returns what stands behind the bar: times, and the source in work as far as there is room. */
export function describeFacts(count: ProgressCount, seconds: number, room: number): string {
  const facts = describeTime(count, seconds)
    .map((fact) => `  ${fact}`)
    .join('')
  const left = Math.min(MAX_PATH, room - facts.length - 2)
  if (count.current === undefined || left < MIN_PATH) return facts
  return `${facts}  ${shortenMiddle(toPrintable(count.current), left)}`
}

function createBar(): Progress {
  // A terminal may not tell its width.
  const columns = process.stderr.columns || 80
  const barsize = columns < NARROW_COLUMNS ? NARROW_BAR_SIZE : BAR_SIZE
  const bar = new SingleBar({
    format: '{bar} {value}/{total}{facts}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize,
    clearOnComplete: true,
    stream: process.stderr,
  })
  const show = (count: ProgressCount, seconds: number) => {
    // A line that wraps cannot be overwritten.
    const room = columns - barsize - ` ${count.done}/${count.total} `.length
    bar.update(count.done, { facts: describeFacts(count, seconds, room) })
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
    ...(current === undefined ? [] : [`in work: ${toPrintable(current)}`]),
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
  let started = readClock()
  let timer: NodeJS.Timeout | undefined
  const seconds = () => (readClock() - started) / 1000
  return {
    start(jobs) {
      counter.start(jobs)
      started = readClock()
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
