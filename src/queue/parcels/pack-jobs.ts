import { randomBytes } from 'node:crypto'
import type { Job } from '../../jobs/types.js'
import type { ImageOp } from '../../operations/image-op.generated.js'

/** A job with its id in the queue. */
export interface Ticket {
  readonly id: string
  readonly job: Job
}

/** A message of the queue: one job, or a parcel of several small ones. */
export interface Shipment {
  /** The id of the job; that of a parcel says how many jobs are in it. */
  readonly id: string
  readonly tickets: readonly Ticket[]
}

interface PackOptions {
  /** Jobs of a parcel, at most. 1 packs none. */
  readonly most: number
  /** Returns true if no other job can want the same paths. Others have to wait for one another, each by itself. */
  readonly isExclusive: (job: Job) => boolean
}

/** Jobs of a parcel, unless another number is given. */
export const MOST_IN_PARCEL = 8
/** Parcels that jobs at hand make at least, so that many workers share them. */
const FEWEST_PARCELS = 32

/** Bytes of a source, and renditions, up to which making it takes some milliseconds: not much more than a message does. */
const SMALL_SOURCE = 256 * 1024
const FEW_RENDITIONS = 4
const QUICK_FORMATS: ReadonlySet<unknown> = new Set([undefined, 'jpeg', 'png', 'webp', 'gif', 'tiff'])

/** Puts small jobs into parcels, in their order. The others, and jobs that are few, travel alone. */
export function packJobs(tickets: readonly Ticket[], { most, isExclusive }: PackOptions): Shipment[] {
  const size = Math.min(most, Math.floor(tickets.length / FEWEST_PARCELS))
  const isPacked = (job: Job) => size > 1 && isQuick(job) && isExclusive(job)
  const shipments: Shipment[] = []
  let parcel: Ticket[] = []
  for (const ticket of tickets) {
    if (isPacked(ticket.job)) parcel.push(ticket)
    else shipments.push({ id: ticket.id, tickets: [ticket] })
    if (parcel.length < size) continue
    if (parcel.length > 0) shipments.push(ship(parcel))
    parcel = []
  }
  return parcel.length > 0 ? [...shipments, ship(parcel)] : shipments
}

function ship(tickets: readonly Ticket[]): Shipment {
  const [first] = tickets
  if (first !== undefined && tickets.length === 1) return { id: first.id, tickets }
  return { id: `parcel-${tickets.length}-${randomBytes(12).toString('hex')}`, tickets }
}

const PARCEL = /^parcel-(\d+)-/

/** Returns true for the id of a parcel, not of a job. */
export function isParcel(id: string): boolean {
  return PARCEL.test(id)
}

/** Returns the number of jobs in a message, by its id. */
export function sizeOf(id: string): number {
  return Number(PARCEL.exec(id)?.[1] ?? 1)
}

function isQuick({ source, renditions, analyze }: Job): boolean {
  if (source.size > SMALL_SOURCE || renditions.length > FEW_RENDITIONS || analyze.length > 0) return false
  return renditions.every(({ ops }) => ops.every(encodesQuickly))
}

/** Returns false for slow encoders, and for a search of a quality. */
function encodesQuickly(op: ImageOp): boolean {
  const format: unknown = 'format' in op ? op.format : undefined
  if (typeof format !== 'object' || format === null) return QUICK_FORMATS.has(format)
  const { type, quality, maxBytes }: { type?: unknown; quality?: unknown; maxBytes?: unknown } = format
  return QUICK_FORMATS.has(type) && quality !== 'auto' && maxBytes === undefined
}
