import { Hono } from 'hono'
import type { Env } from '../types.js'
import { refuseOtherMethods } from '../response/problem.js'

/** Creates `/healthz`: the process answers. It asks nothing else, so that a slow store restarts no server. */
export function createHealthRoutes(): Hono<Env> {
  const app = new Hono<Env>()
  app.get('/healthz', (context) => context.json({ status: 'ok' }, 200, { 'cache-control': 'no-store' }))
  app.all('/healthz', refuseOtherMethods(['GET', 'HEAD']))
  return app
}
