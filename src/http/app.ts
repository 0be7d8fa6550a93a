import { Hono } from 'hono'
import { ImgprocError } from '../errors.js'
import { createProblem } from './response/problem.js'
import { createHealthRoutes } from './routes/health.js'
import { createImageRoutes } from './routes/images.js'
import { createSourceRoutes } from './routes/source.js'
import type { Services } from './services.js'
import type { Env } from './types.js'

/** Composes middleware and routes. The first route that matches answers, so the order counts. */
export function createApp(services: Services): Hono<Env> {
  const app = new Hono<Env>()
  app.onError((error) => createProblem(error))
  app.notFound((context) => createProblem(createNoRouteError(context.req.path)))
  // Middleware goes here, the outermost first: observe/ (request id, log, metrics), then access/ (CORS, tokens,
  // signatures, rate limits).
  app.route('/', createHealthRoutes())
  // Routes with a fixed first segment go here: /readyz, /metrics, /openapi.json, the demo page at /.
  app.route('/', createImageRoutes(services))
  app.route('/', createSourceRoutes(services))
  return app
}

function createNoRouteError(path: string): ImgprocError {
  const message = `There is nothing at ${path}. Check the path; images of a source are at /{source}/{file}.`
  return new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'usage' })
}
