import type { Hono } from 'hono'
import { FORMATS } from '../../image/output-formats.js'
import type { ImageRecord } from '../records/types.js'
import { parseQuery } from '../request/query-parameters.js'
import { splitUrl } from '../request/split-url.js'
import { limitCaching } from '../response/limit-caching.js'
import { IMAGES_PATH } from '../response/image-json.js'
import { refuseOtherMethods, respondProblem } from '../response/problem.js'
import type { Services } from '../services.js'
import type { Env } from '../types.js'
import { callerOf } from './caller.js'

/** Formats by the extensions that URLs may have. */
const FORMAT_NAMES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(FORMATS).flatMap(([name, { ext }]) => [[name, name] as const, [ext, name] as const]),
  ['tif', 'tiff'],
  ['auto', 'auto'],
])

/** Adds `/v1/images/:id.:format?…`: pictures that are made of an upload on request. */
export function addImageFileRoute(app: Hono<Env>, { options, uploads, images }: Services): void {
  const extensions = [...FORMAT_NAMES.keys()].join('|')
  const path = `${IMAGES_PATH}/:file{[^/]+\\.(?:${extensions})}` as const
  app.get(path, async (context) => {
    const { file = '' } = context.req.param() as { file?: string } // the type of the path is lost
    const dot = file.lastIndexOf('.')
    const caller = callerOf(context)
    const record = await uploads.images.find(file.slice(0, dot), caller)
    const ref = uploads.files.original(record.id)
    const query = queryFor(
      file.slice(dot + 1),
      splitUrl(context.req.raw.url).query,
      record,
      options.onlyPresets,
    )
    try {
      const subject = { ref, name: record.filename, query }
      const { response, outcome } = await images.answer(context.req.raw, subject)
      context.set('outcome', outcome)
      return limitCaching(response, record, caller.token !== undefined)
    } catch (error) {
      return respondProblem(context, error, [[ref, record.filename]])
    }
  })
  app.all(path, refuseOtherMethods(['GET', 'HEAD']))
}

/** Returns the query with the format of the extension, unless it names another or wants the upload as it is. */
function queryFor(extension: string, query: string, { original }: ImageRecord, onlyPresets: boolean): string {
  const parameters = parseQuery(query)
  const format = FORMAT_NAMES.get(extension) ?? extension
  if (parameters.length === 0 && format === original.format) return ''
  const isSet = parameters.some(({ name }) => name === 'format')
  // With presets only, they alone choose the format.
  if (isSet || (onlyPresets && parameters.length > 0)) return query
  return query === '' ? `format=${format}` : `${query}&format=${format}`
}
