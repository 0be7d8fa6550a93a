import { readdir, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { Region } from '../../src/analyzers/vision/types.js'

/** A face that a judge or a person has seen, in fractions of the upright picture. */
export interface KnownFace extends Region {
  /** Drawn by hand: it counts as found or missed, but no overlap is told for it. */
  readonly hand?: boolean
  /** Blurred, hidden or too small for a judgement: it counts neither as found nor as missed. */
  readonly optional?: boolean
}

/** Faces by photo: its path relative to the folder, with slashes. A photo without faces has an empty list. */
export type KnownFaces = Readonly<Record<string, readonly KnownFace[]>>

/** Returns the photos below a folder, as paths relative to it, with slashes. */
export async function listPhotos(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true })
  return names
    .filter((name) => /\.(?:jpe?g|png|webp|avif|tiff?|heic)$/i.test(name))
    .map((name) => name.split(sep).join('/'))
    .toSorted()
}

/** Reads a file of known faces. Returns none if there is no such file. */
export async function readKnownFaces(file: string): Promise<KnownFaces> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  return JSON.parse(text) as KnownFaces // written by this program, or by hand
}

/** Returns the group of a photo: its folder. */
export function groupOf(photo: string): string {
  return join(photo, '..').split(sep).join('/')
}
