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
import type { Images } from '../uploads/types.js'
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
  const places = hiddenPlaces(services.options)
  app.onError((error) => createProblem(error, places))
  addCollectionRoutes(app, services)
  addImageFileRoute(app, services)
  addDownloadRoute(app, services)
  addRecordRoutes(app, services)
  addOutputsRoute(app, services)
  return app
}

/** Adds the route of all images: upload and list. */
function addCollectionRoutes(app: Hono<Env>, { uploads }: Services): void {
  const { images, readBody } = uploads
  app.post(IMAGES_PATH, async (context) => {
    const caller = callerOf(context)
    const created = await images.upload(readBody(context.req.raw, caller), caller)
    const ids = created.map(({ id }) => id)
    const hasWaited = await waitIfAsked(context, images, ids)
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
}

/** Adds the route of one record. */
function addRecordRoutes(app: Hono<Env>, { uploads: { images } }: Services): void {
  const path = `${IMAGES_PATH}/:id` as const
  app.get(path, async (context) => {
    const id = context.req.param('id')
    const caller = callerOf(context)
    await images.find(id, caller)
    await waitIfAsked(context, images, [id])
    return context.json(toImageJson(await images.find(id, caller)), 200, HEADERS)
  })
  app.delete(path, async (context) => {
    const record = await images.remove(context.req.param('id'), callerOf(context))
    return context.json(toImageJson(record), 200, HEADERS)
  })
  app.all(path, refuseOtherMethods(['GET', 'HEAD', 'DELETE']))
}

/** Adds the route that makes further presets. */
function addOutputsRoute(app: Hono<Env>, { uploads: { images } }: Services): void {
  const path = `${IMAGES_PATH}/:id/outputs` as const
  app.post(path, async (context) => {
    const id = context.req.param('id')
    const caller = callerOf(context)
    const queued = await images.addOutputs(id, await readPresetNames(context.req.raw), caller)
    const hasWaited = await waitIfAsked(context, images, [id])
    const record = hasWaited ? await images.find(id, caller) : queued
    const isDone = record.status !== 'queued' && record.status !== 'processing'
    const headers = { ...HEADERS, location: `${IMAGES_PATH}/${id}` }
    return context.json(toImageJson(record), isDone ? 200 : 202, headers)
  })
  app.all(path, refuseOtherMethods(['POST']))
}

/** Waits for images if the client prefers that, and tells it so. Returns false if it does not. */
async function waitIfAsked(context: Context<Env>, images: Images, ids: readonly string[]): Promise<boolean> {
  const seconds = preferredWait(context.req.header('prefer'))
  if (seconds === undefined) return false
  const { signal } = context.req.raw
  await Promise.all(ids.map((id) => images.wait(id, seconds, signal)))
  context.header('preference-applied', `wait=${seconds}`)
  return true
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
  return `${pathname}?${searchParams.toString()}`
}
