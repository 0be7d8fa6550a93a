import { readFileSync } from 'node:fs'
import type { Size } from '../src/picture.js'

/** Where the pictures lie, and what is known of them. */
export const PICTURES = new URL('../docs/pictures/', import.meta.url)
export const FACTS_FILE = 'pictures.json'

/** What a picture shows, in its own size, which may be more than what is shown. */
export interface Shown extends Size {
  readonly bytes?: number
}

/** An operation's two pictures. */
export interface Pair {
  readonly before: Shown
  readonly after: Shown
}

/** What the page says that only making the pictures tells. */
export interface Facts {
  readonly pairs: Readonly<Record<string, Pair>>
  /** Bytes of one photo in every format. */
  readonly formats: Readonly<Record<string, number>>
  /** What each way to write `metadata` leaves in a photo that has everything. */
  readonly kept: Readonly<Record<string, Kept>>
}

/** What an output still tells. */
export interface Kept {
  readonly profile: boolean
  readonly camera: boolean
  readonly copyright: boolean
  readonly position: boolean
}

/** The photo whose bytes are compared, and how it is made smaller. */
export const COMPARED = { photo: 'landscape.jpg', ops: [{ thumbnail: '640x640' }] } as const

/** The facts as they were when the pictures were last made. */
export function readFacts(): Facts {
  return JSON.parse(readFileSync(new URL(FACTS_FILE, PICTURES), 'utf8')) as Facts // written by draw-pictures.ts
}

/** The file of one of an operation's pictures. */
export function fileOf(op: string, side: keyof Pair): string {
  return `${op}-${side}.webp`
}
