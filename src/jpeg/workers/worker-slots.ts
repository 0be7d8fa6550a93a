import type { JpegDesk } from './worker.js'

/** Where threads work: which are free, and which of them to take. */
export interface JpegDesks {
  count(): number
  add(desks: readonly JpegDesk[]): void
  /** For one that is lost. */
  remove(desks: readonly JpegDesk[]): void
  /** One that is free, of a thread that has nothing to do, if there is one: all get something before one gets more. */
  take(): JpegDesk | undefined
  putBack(desk: JpegDesk): void
  /** Those of threads that have nothing to do. */
  idle(): readonly JpegDesk[]
  /** Bytes that all of them keep. */
  kept(): number
}

export function createDesks(): JpegDesks {
  const all = new Set<JpegDesk>()
  const free = new Set<JpegDesk>()
  const isIdle = ({ worker }: JpegDesk) => [...all].every((desk) => desk.worker !== worker || free.has(desk))
  const idle = () => [...free].filter(isIdle)
  return {
    count: () => all.size,
    add(desks) {
      for (const desk of desks) {
        all.add(desk)
        free.add(desk)
      }
    },
    remove(desks) {
      for (const desk of desks) {
        all.delete(desk)
        free.delete(desk)
      }
    },
    take() {
      const [desk] = [...idle(), ...free]
      if (desk !== undefined) free.delete(desk)
      return desk
    },
    putBack(desk) {
      if (all.has(desk)) free.add(desk)
    },
    idle,
    kept: () => [...all].reduce((sum, { used }) => sum + used, 0),
  }
}
