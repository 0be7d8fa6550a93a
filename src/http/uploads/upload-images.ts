import { resolvePreset, type PresetSource } from '../../config/presets.js'
import { ImgprocError, throwIfAborted } from '../../errors.js'
import type { ImageRecord, Records } from '../records/types.js'
import type { UploadPart } from '../request/upload-part.js'
import { parseUploadSettings, type SettingDefaults, type SettingField } from '../request/upload-settings.js'
import { createRecord, discardOriginals, storeOriginal, type StoredOriginal } from './accept-upload.js'
import type { ImageFiles } from './image-files.js'
import type { HeaderOptions } from './read-original-facts.js'
import { toStorageError } from './storage-error.js'
import type { Caller } from './types.js'

export interface UploadImagesOptions {
  readonly records: Records
  readonly files: ImageFiles
  readonly header: HeaderOptions
  readonly config: PresetSource
  readonly defaults: SettingDefaults
}

/**
 * Stores all files of a request, or none: originals as they arrive, and records when all are there.
 *
 * @throws ImgprocError INVALID_USAGE, UNKNOWN_PRESET, STORE_FULL, and what `storeOriginal` throws.
 */
export async function uploadImages(
  parts: AsyncIterable<UploadPart>,
  { token, signal }: Caller,
  options: UploadImagesOptions,
): Promise<readonly ImageRecord[]> {
  const originals: StoredOriginal[] = []
  const fields: SettingField[] = []
  try {
    for await (const part of parts) {
      if (part.kind === 'field') fields.push(part)
      else originals.push(await storeOriginal(part.file, options, signal))
    }
    if (originals.length === 0) throw createNothingSentError()
    const settings = parseUploadSettings(fields, options.defaults)
    checkPresets(settings.presets, options.config)
    throwIfAborted(signal)
    const created: ImageRecord[] = []
    for (const original of originals) created.push(await createRecord(original, settings, token?.id, options))
    return created
  } catch (error) {
    await discardOriginals(originals, options)
    throw toStorageError(error)
  }
}

/** Throws UNKNOWN_PRESET if there is no preset of a name. */
export function checkPresets(names: readonly string[], config: PresetSource): void {
  for (const name of names) resolvePreset(name, config)
}

function createNothingSentError(): ImgprocError {
  const message =
    'The request holds no image. Send a form with a file named image, JSON with type and data, or the bytes as the body.'
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage' })
}
