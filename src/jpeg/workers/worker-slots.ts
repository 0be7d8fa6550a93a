import type { WorkerSlot } from './worker.js'

/** Where threads work: which are free, and which of them to take. */
export interface WorkerSlots {
  count(): number
  add(desks: readonly WorkerSlot[]): void
  /** For one that is lost. */
  remove(desks: readonly WorkerSlot[]): void
  /** One that is free, of a thread that has nothing to do, if there is one: all get something before one gets more. */
  take(): WorkerSlot | undefined
  putBack(desk: WorkerSlot): void
  /** Those of threads that have nothing to do. */
  idle(): readonly WorkerSlot[]
  /** Bytes that all of them keep. */
  kept(): number
}

export function createWorkerSlots(): WorkerSlots {
  const all = new Set<WorkerSlot>()
  const free = new Set<WorkerSlot>()
  const isIdle = ({ worker }: WorkerSlot) =>
    [...all].every((desk) => desk.worker !== worker || free.has(desk))
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
