import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** One call of `transform`. */
export interface Call {
  readonly path: string
  readonly ops: readonly unknown[]
  /** File that gets the pixels of the result, which has to be a PNG. */
  readonly pixelsTo?: string | undefined
}

/** How a call ended. */
export interface Outcome {
  readonly picture?: {
    readonly width: number
    readonly height: number
    /** The source has a profile that the result could not keep: its colours were converted to sRGB. */
    readonly isConverted?: boolean
  }
  readonly error?: { readonly code: string; readonly message: string }
  /** Exit code or signal of a process that ended. */
  readonly crash?: string
  readonly hang?: boolean
  /** Printed by native code. */
  readonly words?: string
  readonly milliseconds: number
  readonly peakBytes?: number
}

/** Limits of each call. The process has to answer within `HANG_SECONDS`. */
const LIMITS = { pixels: 20_000_000, seconds: 20 }
const HANG_SECONDS = 40

const MODULE = fileURLToPath(new URL('subject.mjs', import.meta.url))

/** A process that runs one call at a time, and is replaced if it crashes or hangs. */
export class SubjectProcess {
  private child: ChildProcess | undefined
  private words = ''
  private calls = 0

  private readonly folder: string

  /** @param folder temp folder of the process. */
  constructor(folder: string) {
    this.folder = folder
  }

  async call({ path, ops, pixelsTo }: Call): Promise<Outcome> {
    const child = (this.child ??= this.start())
    const id = this.calls++
    const started = performance.now()
    this.words = ''
    const answer = await new Promise<Omit<Outcome, 'milliseconds'>>((resolve) => {
      const finish = (outcome: Omit<Outcome, 'milliseconds'>) => {
        clearTimeout(timer)
        child.removeAllListeners('message').removeAllListeners('exit')
        resolve(outcome)
      }
      const timer = setTimeout(() => {
        finish({ hang: true })
        this.stop()
      }, HANG_SECONDS * 1000)
      child.once('exit', (code, signal) => {
        this.child = undefined
        finish({ crash: signal ?? `exit ${code}` })
      })
      child.on('message', (message: Omit<Outcome, 'milliseconds'> & { readonly id: number }) => {
        if (message.id === id) finish(message)
      })
      child.send({ id, path, ops, limits: LIMITS, pixelsTo })
    })
    const milliseconds = Math.round(performance.now() - started)
    return { ...answer, milliseconds, ...(this.words !== '' && { words: this.words }) }
  }

  stop(): void {
    this.child?.removeAllListeners()
    this.child?.kill('SIGKILL')
    this.child = undefined
  }

  private start(): ChildProcess {
    const child = fork(MODULE, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, TMPDIR: this.folder },
    })
    const collect = (chunk: Buffer) => {
      this.words += chunk.toString()
    }
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    return child
  }
}
