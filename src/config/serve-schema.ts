import { z } from 'zod'
import { once } from '../utils/once.js'
import { accessKeys } from './access-schema.js'
import { text } from './text-schema.js'

/** Schema of a whole number of `min` or more. */
function count(of: string, min: 0 | 1) {
  const error = `a whole number of ${of}, ${min} or more`
  return z.int({ error }).min(min, { error })
}

/** The first segment of a path below which a source is served. `v1` and the like are routes of the server. */
const sourceName = once(() =>
  z.string().regex(/^(?!(?:v\d+|healthz|readyz|metrics|demo)$)[A-Za-z0-9][A-Za-z0-9_-]*$/, {
    error: 'a name of letters, digits, "-" and "_" that is no route of the server',
  }),
)

const uploadsSchema = once(() =>
  z.strictObject({
    maxBytes: count('bytes', 1)
      .optional()
      .describe(
        'Maximum bytes of an uploaded file; 67108864 by default, and never more than `limits.bytes`.',
      ),
    presets: z
      .array(text())
      .optional()
      .describe('Names of the presets to make of each upload; none by default.'),
    analyze: z
      .array(text())
      .optional()
      .describe('Names of the analyzers to run on each upload; by default all, your own included.'),
    ttl: count('seconds', 1)
      .optional()
      .describe('Seconds after which uploads are removed, at the latest; by default they stay.'),
    deleteAfterDownload: z
      .boolean()
      .optional()
      .describe('Removes each upload when it, or an output of it, was downloaded.'),
    queue: count('images', 1)
      .optional()
      .describe(
        'Uploads that may wait for their outputs; a further one is answered with 503. 1000 by default.',
      ),
    privateUrls: z
      .boolean()
      .optional()
      .describe('Lets uploads by URL reach private addresses, such as a server of the same network.'),
  }),
)

/** Schema of the options of the HTTP server: the key `serve` of a config. */
export const serveSchema = once(() =>
  z.strictObject({
    store: text()
      .optional()
      .describe(
        'Folder, or prefix of `s3://`, `gs://` or `az://`, that holds originals, records and results; by default `./imgproc-data`.',
      ),
    sources: z
      .record(sourceName(), text())
      .optional()
      .describe(
        'Folders, prefixes of `s3://`, `gs://` and `az://`, and `https://` URLs to make images of on request, by the first segment of their path.',
      ),
    only: z
      .literal('presets', { error: '"presets"' })
      .optional()
      .describe('Refuses operations in URLs, so that only presets can be asked for.'),
    jxl: z
      .boolean()
      .optional()
      .describe(
        'Lets `format=auto` answer with JPEG XL if the client shows it; needs the package wasm-vips.',
      ),
    demo: z.boolean().optional().describe('Shows a page at `/` to try presets and operations on pictures.'),
    maxAge: count('seconds', 0)
      .optional()
      .describe('Seconds that browsers and CDNs may keep an answer; 86400 by default.'),
    cacheControl: text()
      .optional()
      .describe('`Cache-Control` header of images, instead of that with `maxAge`.'),
    immutable: z
      .boolean()
      .optional()
      .describe(
        'Adds `immutable` and a year if a file name holds a hash of its content, such as `hero.3f2a91bc.jpg`.',
      ),
    cacheBytes: count('bytes', 0)
      .optional()
      .describe('Bytes of results to keep in the store; the least recently used go first. 0 keeps none.'),
    memoryBytes: count('bytes', 0)
      .optional()
      .describe('Bytes of results to keep in memory too. 0 keeps none.'),
    concurrency: count('images', 1).optional().describe('Images to make at once.'),
    queue: count('requests', 0)
      .optional()
      .describe('Requests that may wait for that; a further one is answered with 503.'),
    ...accessKeys(),
    uploads: uploadsSchema().optional().describe('Uploads by `POST /v1/images`.'),
  }),
)
