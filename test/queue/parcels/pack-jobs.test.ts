import { describe, expect, it } from 'vitest'
import type { Job } from '../../../src/jobs/types.js'
import { isParcel, packJobs, sizeOf, type Ticket } from '../../../src/queue/parcels/pack-jobs.js'
import { result } from '../../manifest/results.js'

function makeTickets(count: number, change: (at: number) => Partial<Job> = () => ({})): Ticket[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `job-${at}`,
    job: { ...result(`${at}.jpg`, []).job, ...change(at) },
  }))
}

function sizes(tickets: readonly Ticket[], most = 8, isExclusive: (job: Job) => boolean = () => true) {
  return packJobs(tickets, { most, isExclusive }).map((shipment) => shipment.tickets.length)
}

function withOps(ops: Job['renditions'][number]['ops']): Partial<Job> {
  return { renditions: [{ preset: 'p', target: 't.jpg', recipe: 'r', ops }] }
}

describe('small jobs', () => {
  it('share messages, in their order, and each is in one', () => {
    const tickets = makeTickets(500)
    const shipments = packJobs(tickets, { most: 8, isExclusive: () => true })
    expect(shipments.flatMap((shipment) => shipment.tickets)).toEqual(tickets)
    expect(shipments.map((shipment) => shipment.tickets.length)).toEqual([...Array(62).fill(8), 4])
    for (const { id, tickets: inside } of shipments) {
      expect(isParcel(id)).toBe(true)
      expect(sizeOf(id)).toBe(inside.length)
    }
  })

  it.each([
    [1, 1],
    [63, 1],
    [64, 2],
    [200, 6],
    [500, 8],
  ])('among %i are %i to a message, so that many workers share them', (count, size) => {
    expect(Math.max(...sizes(makeTickets(count)))).toBe(size)
  })

  it('travel alone if no parcels are wanted', () => {
    expect(sizes(makeTickets(500), 1)).toEqual(Array(500).fill(1))
  })

  it('keep the ids of jobs if they are alone, and their number by their ids', () => {
    const [first] = packJobs(makeTickets(1), { most: 8, isExclusive: () => true })
    expect(first?.id).toBe('job-0')
    expect([isParcel('job-0'), sizeOf('job-0')]).toEqual([false, 1])
  })
})

describe('a job travels alone', () => {
  it.each<[string, Partial<Job>]>([
    ['if its source is large', { source: { ref: '/a.jpg', size: 300_000 } }],
    ['if it has an analyzer', { analyze: ['phash'] }],
    ['if its encoder is slow', withOps([{ format: 'avif' }])],
    ['if its encoder is slow, with options', withOps([{ format: { type: 'jxl', quality: 50 } }])],
    ['if its quality is searched', withOps([{ format: { type: 'jpeg', quality: 'auto' } }])],
    ['if its size is searched', withOps([{ format: { type: 'jpeg', maxBytes: 5000 } }])],
    [
      'if it has many renditions',
      { renditions: Array.from({ length: 5 }, () => ({ preset: 'p', target: 't', recipe: 'r', ops: [] })) },
    ],
  ])('%s', (_, change) => {
    const lengths = sizes(makeTickets(100, (at) => (at === 50 ? change : {})))
    expect(lengths.filter((length) => length === 1)).toHaveLength(1)
    expect(Math.max(...lengths)).toBe(3)
  })

  it('if others may want its paths', () => {
    const tickets = makeTickets(100)
    expect(sizes(tickets, 8, (job) => job !== tickets[3]?.job).filter((length) => length === 1)).toEqual([1])
  })
})
