import { Hono } from 'hono'
import { ImgprocError } from '../errors.js'
import { createMetrics, type Metrics } from './observe/metrics.js'
import { createProblem, respondProblem } from './response/problem.js'
import { createHealthRoutes } from './routes/health.js'
import { createMetricsRoutes } from './routes/metrics.js'
import type { Env, Handler } from './types.js'

/** The HTTP handler of a worker, and the figures that it answers with. */
export interface WorkerHandler extends Pick<Handler, 'fetch' | 'close'> {
  readonly metrics: Metrics
}

/** Creates the handler of a queue's worker, which has `/healthz` and `/metrics` and no images. */
export function createWorkerHandler(): WorkerHandler {
  const metrics = createMetrics(new Set())
  const app = new Hono<Env>()
  app.onError((error) => createProblem(error))
  app.notFound((context) => respondProblem(context, createNoRouteError(context.req.path)))
  app.route('/', createHealthRoutes())
  app.route('/', createMetricsRoutes(metrics))
  return { metrics, fetch: async (request) => app.fetch(request), close: async () => {} }
}

function createNoRouteError(path: string): ImgprocError {
  const message = `There is no ${path}. A worker has /healthz and /metrics.`
  return new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'usage', path })
}
