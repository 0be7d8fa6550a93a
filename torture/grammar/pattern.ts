import type { Pixels } from '../pam.js'
import type { RGBA } from './types.js'

/** A generated file, and its pixels. */
export interface GeneratedPixels {
  readonly name: string
  readonly bytes: Buffer
  readonly extension: string
  /** In sRGB. Those of a transparent pixel do not count. */
  readonly expected: Pixels
}

/** The colour of a pixel. */
export type PixelAt = (x: number, y: number) => RGBA

/** Paints pixels one by one. */
export function createPixels(width: number, height: number, pixelAt: PixelAt): Pixels {
  const rgba = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rgba.set(pixelAt(x, y), (y * width + x) * 4)
  return { width, height, rgba }
}

/** Draws a picture of which each row and column differs, with all steps of alpha. */
export function drawPattern(x: number, y: number, width: number, height: number): RGBA {
  const across = x / Math.max(1, width - 1)
  const down = y / Math.max(1, height - 1)
  return [
    Math.round(across * 255),
    Math.round(down * 255),
    Math.round(255 * Math.abs(across - down)),
    Math.round(255 * ((across + 2 * down) / 3)),
  ]
}
