import { wantsTranscode } from '../render/jpeg-to-jpeg.js'
import { areLibrariesVerified } from '../render/passes/verified-libraries.js'
import type { Job } from './types.js'

const JPEG = /\.jpe?g$/i

const PNG = /\.png$/i

/** Returns true for the name of a PNG. */
export function isPng({ path }: Pick<Job, 'path'>): boolean {
  return PNG.test(path)
}

/** Returns true for the name of a JPEG. */
export function isJpeg({ path }: Pick<Job, 'path'>): boolean {
  return JPEG.test(path)
}

/** Returns true if all renditions of a job are transcoded, as far as its name tells. sharp makes those of other files. */
export function isTranscoded(job: Job): boolean {
  return isJpeg(job) && job.renditions.every(({ ops }) => wantsTranscode(ops)) && areLibrariesVerified()
}
