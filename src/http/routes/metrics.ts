import { Hono } from 'hono'
import type { Metrics } from '../observe/metrics.js'
import type { Env } from '../types.js'
import { refuseOtherMethods } from '../response/problem.js'

/** Creates `/metrics`: the figures of the server in the text format of Prometheus. */
export function createMetricsRoutes(metrics: Metrics): Hono<Env> {
  const app = new Hono<Env>()
  app.get('/metrics', async (context) => {
    const { text, contentType } = await metrics.collect()
    return context.body(text, 200, { 'content-type': contentType, 'cache-control': 'no-store' })
  })
  app.all('/metrics', refuseOtherMethods(['GET', 'HEAD']))
  return app
}
