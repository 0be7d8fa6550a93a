import { Hono, type Context } from 'hono'
import { parseCursor, toCursor } from '../request/list-cursor.js'
import { createRequestError } from '../request/body-errors.js'
import { readPresetNames } from '../request/preset-names.js'
import { preferredWait } from '../request/prefer-wait.js'
import { hiddenPlaces } from '../response/hidden-places.js'
import { IMAGES_PATH, toImageJson } from '../response/image-json.js'
import { createProblem, refuseOtherMethods } from '../response/problem.js'
import type { Services } from '../services.js'
import type { Env } from '../types.js'
import { callerOf } from './caller.js'
import { addDownloadRoute } from './download.js'
import { addImageFileRoute } from './image-file.js'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 200
/** Records change until they are ready, and then with each further preset. */
const HEADERS = { 'cache-control': 'no-store' }

/** Creates `/v1/images`: uploads, their records, downloads and outputs. */
export function createImageRoutes(services: Services): Hono<Env> {
  const app = new Hono<Env>()
  const { images, readBody } = services.uploads
  const places = hiddenPlaces(services.options)
  app.onError((error) => createProblem(error, places))

  /** Waits if the client prefers that, and tells it so. */
  const waitIfAsked = async (context: Context<Env>, ids: readonly string[]) => {
    const seconds = preferredWait(context.req.header('prefer'))
    if (seconds === undefined) return false
    const { signal } = context.req.raw
    await Promise.all(ids.map((id) => images.wait(id, seconds, signal)))
    context.header('preference-applied', `wait=${seconds}`)
    return true
  }

  app.post(IMAGES_PATH, async (context) => {
    const caller = callerOf(context)
    const created = await images.upload(readBody(context.req.raw, caller), caller)
    const ids = created.map(({ id }) => id)
    const hasWaited = await waitIfAsked(context, ids)
    const records = hasWaited ? await Promise.all(ids.map((id) => images.find(id, caller))) : created
    const [first, second] = records
    if (first === undefined || second !== undefined)
      return context.json(records.map(toImageJson), 201, HEADERS)
    return context.json(toImageJson(first), 201, { ...HEADERS, location: `${IMAGES_PATH}/${first.id}` })
  })

  app.get(IMAGES_PATH, async (context) => {
    const { cursor, limit } = context.req.query()
    const after = cursor === undefined ? undefined : parseCursor(cursor)
    const page = await images.list({ after, limit: parseLimit(limit) }, callerOf(context))
    const next = page.next === undefined ? null : toCursor(page.next)
    if (next !== null) context.header('link', `<${linkTo(context.req.url, next)}>; rel="next"`)
    return context.json({ images: page.records.map(toImageJson), next }, 200, HEADERS)
  })
  app.all(IMAGES_PATH, refuseOtherMethods(['GET', 'HEAD', 'POST']))

  addImageFileRoute(app, services)
  addDownloadRoute(app, services)

  const one = `${IMAGES_PATH}/:id` as const
  app.get(one, async (context) => {
    const id = context.req.param('id')
    const caller = callerOf(context)
    await images.find(id, caller)
    await waitIfAsked(context, [id])
    return context.json(toImageJson(await images.find(id, caller)), 200, HEADERS)
  })
  app.delete(one, async (context) => {
    const record = await images.remove(context.req.param('id'), callerOf(context))
    return context.json(toImageJson(record), 200, HEADERS)
  })
  app.all(one, refuseOtherMethods(['GET', 'HEAD', 'DELETE']))

  const outputs = `${IMAGES_PATH}/:id/outputs` as const
  app.post(outputs, async (context) => {
    const id = context.req.param('id')
    const caller = callerOf(context)
    const presets = await readPresetNames(context.req.raw)
    const queued = await images.addOutputs(id, presets, caller)
    const hasWaited = await waitIfAsked(context, [id])
    const record = hasWaited ? await images.find(id, caller) : queued
    const isDone = record.status !== 'queued' && record.status !== 'processing'
    return context.json(toImageJson(record), isDone ? 200 : 202, {
      ...HEADERS,
      location: `${IMAGES_PATH}/${id}`,
    })
  })
  app.all(outputs, refuseOtherMethods(['POST']))
  return app
}

function parseLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT
  const limit = Number(text)
  if (/^\d{1,9}$/.test(text) && limit >= 1) return Math.min(limit, MAX_LIMIT)
  throw createRequestError(`limit is ${JSON.stringify(text)}. Expected a number from 1 to ${MAX_LIMIT}.`)
}

/** Returns the path of the next page: another host may stand before this server. */
function linkTo(url: string, cursor: string): string {
  const { pathname, searchParams } = new URL(url)
  searchParams.set('cursor', cursor)
  return `${pathname}?${searchParams}`
}
