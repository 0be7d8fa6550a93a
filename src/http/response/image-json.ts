import type { Output, OutputResult } from '../../jobs/types.js'
import type { ImageRecord } from '../records/types.js'
import { variantOf } from '../uploads/output-variant.js'

/** Path of the routes of uploads. */
export const IMAGES_PATH = '/v1/images'

/** Returns a record as clients see it: with sizes by name and paths to download from, without its owner. */
export function toImageJson(record: ImageRecord): object {
  const { owner: _owner, outputs, original, ...rest } = record
  const { width, height, bytes } = original
  const made = outputs.filter(isMade)
  const sizes = made.map((output) => [
    variantOf(record.id, output),
    { width: output.width, height: output.height, bytes: output.bytes },
  ])
  return {
    ...rest,
    original: { ...original, url: downloadPath(record.id) },
    sizes: { original: { width, height, bytes }, ...Object.fromEntries(sizes) },
    outputs: outputs.map((output) => toOutputJson(record.id, output)),
  }
}

function toOutputJson(id: string, output: OutputResult): object {
  const { action, path: _path, recipe: _recipe, ...rest } = output
  if (!isMade(output)) return { status: action, ...rest }
  return { status: 'ready', ...rest, url: downloadPath(id, output) }
}

function isMade(output: OutputResult): output is OutputResult & Output {
  return output.action === 'written' || output.action === 'unchanged'
}

function downloadPath(id: string, output?: Output): string {
  const path = `${IMAGES_PATH}/${id}/download`
  if (output === undefined) return path
  const { preset, width, format } = output
  return `${path}?${new URLSearchParams({ preset, width: String(width), format }).toString()}`
}
