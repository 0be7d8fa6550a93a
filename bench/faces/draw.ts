import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import type { Region } from '../../src/analyzers/vision/types.js'
import type { KnownFace } from './known-faces.js'

/** Pixels of the long side. */
const SIDE = 800

/** Writes a photo with the boxes of the analyzer in red and the known faces in green, for a person to judge. */
export async function drawBoxes(
  source: string,
  out: string,
  known: readonly KnownFace[],
  boxes: readonly Region[],
): Promise<void> {
  const { data, info } = await sharp(source, { autoOrient: true })
    .resize(SIDE, SIDE, { fit: 'inside' })
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .png()
    .toBuffer({ resolveWithObject: true })
  const rect = ({ left, top, width, height }: Region, colour: string) =>
    `<rect x="${left * info.width}" y="${top * info.height}" width="${width * info.width}" height="${height * info.height}" fill="none" stroke="${colour}" stroke-width="4"/>`
  const shapes = [...known.map((face) => rect(face, 'lime')), ...boxes.map((box) => rect(box, 'red'))]
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${info.width}" height="${info.height}">${shapes.join('')}</svg>`
  await mkdir(dirname(out), { recursive: true })
  await sharp(data)
    .composite([{ input: Buffer.from(svg) }])
    .jpeg({ quality: 85 })
    .toFile(join(out))
}
