import { Hono } from 'hono'
import { presetNames, type PresetSource } from '../config/presets.js'
import { ImgprocError } from '../errors.js'
import { createAuthorization } from './access/authorize.js'
import { createCors } from './access/cors.js'
import { createIdentification } from './access/identify.js'
import { createRateLimit } from './access/rate-limit.js'
import type { DocumentOptions } from './openapi/document.js'
import { createObserver } from './observe/observe-requests.js'
import { redisPrefix } from './records/redis-client.js'
import { createProblem, respondProblem } from './response/problem.js'
import { createDemoRoutes } from './routes/demo.js'
import { createHealthRoutes } from './routes/health.js'
import { createImageRoutes } from './routes/images.js'
import { createMetricsRoutes } from './routes/metrics.js'
import { createOpenapiRoutes } from './routes/openapi.js'
import { createReadyRoutes } from './routes/ready.js'
import { createSourceRoutes } from './routes/source.js'
import type { Services } from './services.js'
import type { Env, ResolvedOptions } from './types.js'

/** Composes middleware and routes. The first route that matches answers, so the order counts. */
export function createApp(services: Services): Hono<Env> {
  const app = new Hono<Env>()
  app.onError((error) => createProblem(error))
  app.notFound((context) => respondProblem(context, createNoRouteError(context.req.path)))
  addMiddleware(app, services)
  app.route('/', createHealthRoutes())
  app.route('/', createReadyRoutes(services.store, `${services.options.store}/ready`))
  app.route('/', createMetricsRoutes(services.metrics))
  app.route('/', createOpenapiRoutes(factsOf(services.options)))
  if (services.options.demo) app.route('/', createDemoRoutes(services.options))
  app.route('/', createImageRoutes(services))
  app.route('/', createSourceRoutes(services))
  return app
}

/**
 * Adds the middleware, the outermost first.
 *
 * 1. The observer sees every answer, also those of the other middleware.
 * 2. CORS adds its headers to refusals as well, since a script can't read them otherwise; its preflights carry no token.
 * 3. Identification finds token and address, which the log and the limits name.
 * 4. Rate limits come before the check of tokens, so that guesses are counted too.
 * 5. Authorization refuses whoever lacks the right. Nothing has been read until here.
 */
function addMiddleware(app: Hono<Env>, { options, metrics, log }: Services): void {
  const { access, redis, store } = options
  const sources = new Set(options.sources.keys())
  const counts = redis && { redis, prefix: redisPrefix(store) }
  app.use(createObserver(metrics, log))
  if (access.cors !== undefined) app.use(createCors(access.cors))
  app.use(createIdentification(access))
  if (access.rateLimit !== undefined) app.use(createRateLimit(access.rateLimit, sources, counts))
  app.use(createAuthorization(access, sources))
}

/** Returns the facts that the description of the server depends on. */
function factsOf(options: ResolvedOptions): DocumentOptions {
  return {
    presets: presetNames(options as PresetSource), // only the names count
    sources: [...options.sources.keys()],
    onlyPresets: options.onlyPresets,
    hasTokens: options.access.tokens.length > 0,
  }
}

function createNoRouteError(path: string): ImgprocError {
  const message = `There is nothing at ${path}. Check the path; images of a source are at /{source}/{file}.`
  return new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'usage' })
}
