import { readFileSync } from 'node:fs'
import type { Size } from '../src/picture.js'

/** Folder of the pictures, and the file in it that holds their sizes. */
export const PICTURES = new URL('../docs/pictures/', import.meta.url)
export const FACTS_FILE = 'pictures.json'

/** Size of an image before it is scaled down for the page. */
export interface Shown extends Size {
  readonly bytes?: number
}

/** An operation's two pictures. */
export interface Pair {
  readonly before: Shown
  readonly after: Shown
}

/** Facts on the page that are found by drawing the pictures. */
export interface Facts {
  readonly pairs: Readonly<Record<string, Pair>>
  /** Bytes of one photo, by format. */
  readonly formats: Readonly<Record<string, number>>
  /** Metadata that each value of `metadata` keeps. */
  readonly kept: Readonly<Record<string, Kept>>
}

/** Metadata found in an output. */
export interface Kept {
  readonly profile: boolean
  readonly camera: boolean
  readonly copyright: boolean
  readonly position: boolean
}

/** The photo whose size is compared between formats, and its operations. */
export const COMPARED = { photo: 'landscape.jpg', ops: [{ thumbnail: '640x640' }] } as const

/** Reads the facts of the last `npm run docs`. */
export function readFacts(): Facts {
  return JSON.parse(readFileSync(new URL(FACTS_FILE, PICTURES), 'utf8')) as Facts // written by draw-pictures.ts
}

/** Returns the file name of one of an operation's pictures. */
export function fileOf(op: string, side: keyof Pair): string {
  return `${op}-${side}.webp`
}
