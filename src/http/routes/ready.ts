import { Hono } from 'hono'
import { ImgprocError } from '../../errors.js'
import type { Store } from '../../stores/types.js'
import type { Env } from '../types.js'
import { refuseOtherMethods, respondProblem } from '../response/problem.js'
import { readClock } from '../../utils/clock.js'

/** Seconds within which the store has to answer. */
const MAX_SECONDS = 3

/** Milliseconds for which an answer counts, so that probes of many machines ask the store once. */
const VALID_MS = 1000

/**
 * Creates `/readyz`: the store answers. A balancer then sends requests here.
 *
 * @param ref a file of the store, which need not exist.
 */
export function createReadyRoutes(store: Store, ref: string): Hono<Env> {
  const app = new Hono<Env>()
  let last: { readonly at: number; readonly isReady: Promise<boolean> } | undefined
  app.get('/readyz', async (context) => {
    const now = readClock()
    if (last === undefined || now - last.at > VALID_MS) last = { at: now, isReady: answers(store, ref) }
    if (await last.isReady) return context.json({ status: 'ready' }, 200, { 'cache-control': 'no-store' })
    // The reason is in the log of the requests that fail; here it could show a path of the server.
    const error = new ImgprocError('OVERLOADED', 'The store does not answer. Ask again in a moment.', {
      stage: 'read',
    })
    return respondProblem(context, error)
  })
  app.all('/readyz', refuseOtherMethods(['GET', 'HEAD']))
  return app
}

/** True if the store answers in time. A file that does not exist is an answer. */
async function answers(store: Store, ref: string): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), MAX_SECONDS * 1000)
  })
  const found = store.stat(ref).then(
    () => true,
    () => false,
  )
  return Promise.race([found, late]).finally(() => clearTimeout(timer))
}
