import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** Names a process so that others can tell whether it still runs. */
export interface ProcessIdentity {
  readonly pid: number
  /** The scope in which `pid` is unique: a boot of a machine, and a container's PID namespace. */
  readonly space: string
  /** Start time of the process in clock ticks, since a pid is reused. Only on Linux. */
  readonly born?: string | undefined
}

let own: ProcessIdentity | undefined

/** Returns the identity of this process. */
export function thisProcess(): ProcessIdentity {
  return (own ??= findIdentity())
}

function findIdentity(): ProcessIdentity {
  // oxlint-disable-next-line no-restricted-globals -- only `process` knows the pid
  const { pid } = process
  const born = readProcessStat(pid)?.born
  return { pid, space: findPidSpace(), ...(born !== undefined && { born }) }
}

/** Two containers may share a host name, and each has a process 1. Linux tells them apart by the PID namespace. */
function findPidSpace(): string {
  const machine = readProcFile(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')) ?? hostname()
  const container = readProcFile(() => readlinkSync('/proc/self/ns/pid')) ?? ''
  return `${machine.trim()} ${container}`.trim()
}

/** Returns true if a process runs, and undefined if it cannot be checked from here: it belongs to another machine or container. */
export function isRunning({ pid, space, born }: ProcessIdentity): boolean | undefined {
  if (space !== thisProcess().space) return undefined
  // 0 would mean our own process group.
  if (pid <= 0) return false
  try {
    // oxlint-disable-next-line no-restricted-globals -- signal 0 only tests whether the process exists
    process.kill(pid, 0)
  } catch (error) {
    // EPERM means that it exists and belongs to another user.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
  }
  const now = readProcessStat(pid)
  // A zombie has ended, but its parent has not waited for it yet.
  if (now?.state === 'Z') return false
  return born === undefined || now === undefined || born === now.born
}

/** Reads a process's state and its start time, in clock ticks since boot. Returns undefined except on Linux. */
function readProcessStat(pid: number): { state: string | undefined; born: string | undefined } | undefined {
  const stat = readProcFile(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  if (stat === undefined) return undefined
  // The second field is the program's name in parentheses, which may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0], born: fields[19] }
}

/** Returns undefined if the file does not exist, as on systems other than Linux. Synchronous: it is not on a disk. */
function readProcFile(read: () => string): string | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
