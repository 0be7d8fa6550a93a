import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { ErrorCode } from '../../errors.js'

/** An answered request. */
export interface RequestFacts {
  readonly method: string
  /** Pattern of the route, such as `/v1/images/:id`: never a path, since there is no end of paths. */
  readonly route: string
  readonly status: number
  readonly seconds: number
  readonly received: number
  readonly sent: number
  readonly code: ErrorCode | undefined
}

/** A rendition that was made. */
export interface RenderFacts {
  /** Empty for operations alone. */
  readonly presets: readonly string[]
  readonly format: string
  readonly seconds: number
}

/** A job of a queue that has ended. */
export interface JobFacts {
  readonly status: 'ready' | 'partial' | 'failed' | 'skipped'
  readonly seconds: number
}

/** How the cache took part in an answer: `revalidated` is a 304, for which nothing is read. */
export type CacheResult = 'hit' | 'miss' | 'revalidated'

/** Figures of a server for Prometheus. */
export interface Metrics {
  countRequest(facts: RequestFacts): void
  countRendition(facts: RenderFacts): void
  countCache(result: CacheResult): void
  countJob(facts: JobFacts): void
  /** Registers a queue, whose length is asked at each scrape. */
  watchQueue(name: string, length: () => number): void
  /** Returns the figures as text, and its content type. */
  collect(): Promise<{ readonly text: string; readonly contentType: string }>
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'])

const FORMATS = new Set(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff', 'jxl', 'heif', 'jp2', 'raw'])

/** Upper limits in seconds: from an answer from memory to a large AVIF. */
const BUCKETS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30]

/**
 * Creates the figures of one handler. Label values are bounded: names of presets that the config lacks, unknown methods and
 * formats count as `other`.
 *
 * @param presets names of the presets.
 */
export function createMetrics(presets: ReadonlySet<string>): Metrics {
  const registry = new Registry()
  const queues = new Map<string, () => number>()
  const meters = createMeters(registry, queues)
  let hasProcess = false
  return {
    countRequest({ method, route, status, seconds, received, sent, code }) {
      meters.requests.observe({ method: boundBy(METHODS, method), route, status }, seconds)
      meters.received.inc(received)
      meters.sent.inc(sent)
      if (code !== undefined) meters.errors.inc({ code })
    },
    countRendition({ presets: [preset, ...more], format, seconds }) {
      const name = preset === undefined ? 'none' : boundBy(presets, preset)
      const labels = { preset: more.length > 0 ? 'several' : name, format: boundBy(FORMATS, format) }
      meters.renditions.observe(labels, seconds)
    },
    countCache: (result) => meters.cache.inc({ result }),
    countJob: ({ status, seconds }) => meters.jobs.observe({ status }, seconds),
    watchQueue: (name, length) => queues.set(name, length),
    async collect() {
      // Memory, CPU and event loop. Observing them costs time, so it begins at the first scrape.
      if (!hasProcess) collectDefaultMetrics({ register: registry })
      hasProcess = true
      return { text: await registry.metrics(), contentType: registry.contentType }
    },
  }
}

function createMeters(registry: Registry, queues: ReadonlyMap<string, () => number>) {
  const registers = [registry]
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Counter({ name, help, labelNames, registers })
  // The registry holds the gauge.
  void new Gauge({
    name: 'imgproc_queue_length',
    help: 'Work that waits.',
    labelNames: ['queue'],
    registers,
    collect() {
      for (const [queue, length] of queues) this.set({ queue }, length())
    },
  })
  return {
    requests: new Histogram({
      name: 'imgproc_http_request_duration_seconds',
      help: 'Time from a request to the head of its answer.',
      labelNames: ['method', 'route', 'status'],
      buckets: BUCKETS,
      registers,
    }),
    renditions: new Histogram({
      name: 'imgproc_rendition_duration_seconds',
      help: 'Time of requests whose rendition had to be made, with waiting for a free core.',
      labelNames: ['preset', 'format'],
      buckets: BUCKETS,
      registers,
    }),
    jobs: new Histogram({
      name: 'imgproc_job_duration_seconds',
      help: 'Time of jobs of a queue, from reading the source to writing the last output.',
      labelNames: ['status'],
      buckets: BUCKETS,
      registers,
    }),
    cache: counter('imgproc_cache_requests_total', 'Requests of renditions by what the cache had.', [
      'result',
    ]),
    errors: counter('imgproc_errors_total', 'Errors by code.', ['code']),
    received: counter('imgproc_http_received_bytes_total', 'Bytes of request bodies, as announced.', []),
    sent: counter('imgproc_http_sent_bytes_total', 'Bytes of response bodies, as announced.', []),
  }
}

function boundBy(known: ReadonlySet<string>, value: string): string {
  return known.has(value) ? value : 'other'
}
