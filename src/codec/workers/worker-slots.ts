import type { WorkerSlot } from './worker.js'

/** The workers' memory slots, and which are free. */
export interface WorkerSlots {
  count(): number
  add(slots: readonly WorkerSlot[]): void
  /** Removes the slots of a worker that has exited. */
  remove(slots: readonly WorkerSlot[]): void
  /** Acquires a free slot, if there is one; one of an idle worker first, so that all work before one has two requests. */
  acquire(): WorkerSlot | undefined
  release(slot: WorkerSlot): void
  /** Returns true if `acquire` would return a slot. */
  hasFree(): boolean
  /** Returns the slots of idle workers. */
  idle(): readonly WorkerSlot[]
  /** Returns the bytes of memory that all slots retain. */
  retainedBytes(): number
}

export function createWorkerSlots(): WorkerSlots {
  const all = new Set<WorkerSlot>()
  const free = new Set<WorkerSlot>()
  const isIdle = ({ worker }: WorkerSlot) =>
    [...all].every((slot) => slot.worker !== worker || free.has(slot))
  const idle = () => [...free].filter(isIdle)
  return {
    count: () => all.size,
    add(slots) {
      for (const slot of slots) {
        all.add(slot)
        free.add(slot)
      }
    },
    remove(slots) {
      for (const slot of slots) {
        all.delete(slot)
        free.delete(slot)
      }
    },
    acquire() {
      const [slot] = [...idle(), ...free]
      if (slot !== undefined) free.delete(slot)
      return slot
    },
    release(slot) {
      if (all.has(slot)) free.add(slot)
    },
    hasFree: () => free.size > 0,
    idle,
    retainedBytes: () => [...all].reduce((sum, { usedBytes }) => sum + usedBytes, 0),
  }
}
