import { z } from 'zod'
import { check } from '../../utils/validate.js'
import type { UploadedFile } from '../uploads/accept-upload.js'
import { createRequestError } from './body-errors.js'
import { decodeBase64 } from './decode-base64.js'
import type { UploadPart } from './upload-part.js'

/** Gets files that a JSON body only names. */
export interface FileSources {
  /** Reads a public URL. */
  readonly readUrl: (url: string) => Promise<Uint8Array>
  /** Reads the original of another upload. */
  readonly readImage: (id: string) => Promise<UploadedFile>
}

const text = z.string({ error: 'a text' })
const TYPES = ['base64', 'url', 'id'] as const

/** Schema of the JSON body of an upload. */
export const uploadSchema = z.strictObject({
  type: z.enum(TYPES, { error: '"base64", "url" or "id"' }),
  data: text.min(1, { error: 'base64, a URL, or the id of an image' }),
  filename: text.optional(),
  preset: z.union([text, z.array(text)], { error: 'the name of a preset, or a list of names' }).optional(),
  priority: text.optional(),
  ttl: z.union([z.number(), text], { error: 'a number of seconds, or such as "36h"' }).optional(),
  deleteAfterDownload: z.boolean({ error: 'true or false' }).optional(),
})

/**
 * Reads an upload of JSON: `{ "type": "base64" | "url" | "id", "data": … }` and settings.
 *
 * @throws ImgprocError INVALID_USAGE for wrong JSON, and the errors of the sources.
 */
export async function* readJsonUpload(body: Uint8Array, sources: FileSources): AsyncGenerator<UploadPart> {
  const checked = check(uploadSchema, parse(body))
  if (checked.problems !== undefined) {
    const problems = checked.problems.map(({ path, sentence }) =>
      path === '' ? sentence : `${path}: ${sentence}`,
    )
    const example = '{ "type": "url", "data": "https://example.com/a.jpg", "preset": "thumb" }'
    throw createRequestError(`The JSON is wrong: ${problems.join('; ')}. Send such as ${example}.`)
  }
  const { type, data, filename, preset = [], ...settings } = checked.data
  for (const value of typeof preset === 'string' ? [preset] : preset) {
    yield { kind: 'field', name: 'preset', value }
  }
  for (const [name, value] of Object.entries(settings)) {
    if (value !== undefined) yield { kind: 'field', name, value: String(value) }
  }
  const file = await readFile(type, data, sources)
  yield { kind: 'file', file: filename === undefined ? file : { ...file, filename } }
}

async function readFile(
  type: (typeof TYPES)[number],
  data: string,
  { readUrl, readImage }: FileSources,
): Promise<UploadedFile> {
  if (type === 'base64') return { bytes: decodeBase64(data) }
  if (type === 'id') return readImage(data)
  if (!URL.canParse(data) || !/^https?:$/.test(new URL(data).protocol)) {
    throw createRequestError(
      `data is ${JSON.stringify(data.slice(0, 200))}. Expected a URL with http: or https:.`,
    )
  }
  return { bytes: await readUrl(data), filename: nameOf(data) }
}

/** Returns the last name in the path of a URL. */
function nameOf(url: string): string {
  const name = new URL(url).pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw createRequestError(`The body is no JSON: ${reason}.`, cause)
  }
}
