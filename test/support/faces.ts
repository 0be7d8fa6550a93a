import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { readFile } from 'node:fs/promises'

const PHOTOS = join(
  dirname(createRequire(import.meta.url).resolve('@vladmandic/face-api/package.json')),
  'demo',
)

/** Photos of people in the package @vladmandic/face-api (MIT), with the faces that a person sees in them. */
export const PHOTOS_OF_FACES = [
  { file: 'sample1.jpg', faces: 3 },
  { file: 'sample2.jpg', faces: 3 },
  { file: 'sample3.jpg', faces: 3 },
  { file: 'sample4.jpg', faces: 4 },
  { file: 'sample5.jpg', faces: 5 },
  { file: 'sample6.jpg', faces: 4 },
] as const

/** Reads one of the photos of people. */
export function readFacePhoto(file: (typeof PHOTOS_OF_FACES)[number]['file']): Promise<Buffer> {
  return readFile(join(PHOTOS, file))
}
