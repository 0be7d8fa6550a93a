import { SingleBar } from 'cli-progress'
import type { Result } from '../../jobs/types.js'

/** Shows the progress of a run. */
export interface Progress {
  start(total: number): void
  add(result: Result): void
  stop(): void
}

const SILENT: Progress = { start() {}, add() {}, stop() {} }

/** Seconds between progress lines if stderr is not a terminal. */
const LINE_INTERVAL = 5

/** Creates a bar on a terminal, or a line every few seconds in a pipe or CI. Prints nothing if disabled. */
export function createProgress(isEnabled: boolean): Progress {
  if (!isEnabled) return SILENT
  return process.stderr.isTTY && process.env['CI'] === undefined ? createBar() : createLines()
}

function createBar(): Progress {
  let done = 0
  let failed = 0
  const bar = new SingleBar({
    format: '{bar} {value}/{total}  {speed} img/s  ETA {eta_formatted}{failures}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    clearOnComplete: true,
    stream: process.stderr,
    etaBuffer: 50,
  })
  let started = 0
  return {
    start(total) {
      started = performance.now()
      if (total > 1) bar.start(total, 0, { speed: 0, failures: '' })
    },
    add({ status }) {
      if (status === 'failed' || status === 'partial') failed++
      done++
      const speed = Math.round(done / ((performance.now() - started) / 1000))
      if (bar.isActive) bar.update(done, { speed, failures: failed > 0 ? `  ${failed} failed` : '' })
    },
    stop: () => bar.stop(),
  }
}

function createLines(): Progress {
  const state = { total: 0, done: 0, failed: 0, started: 0 }
  let timer: NodeJS.Timeout | undefined
  const print = () => {
    const speed = Math.round(state.done / ((performance.now() - state.started) / 1000))
    const failures = state.failed > 0 ? `, ${state.failed} failed` : ''
    process.stderr.write(`${state.done}/${state.total} images, ${speed} img/s${failures}\n`)
  }
  return {
    start(total) {
      Object.assign(state, { total, started: performance.now() })
      timer = setInterval(print, LINE_INTERVAL * 1000).unref()
    },
    add({ status }) {
      state.done++
      if (status === 'failed' || status === 'partial') state.failed++
    },
    stop: () => clearInterval(timer),
  }
}
