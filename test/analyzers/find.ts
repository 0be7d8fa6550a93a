import sharp, { type Color, type Sharp } from 'sharp'
import { analyze } from '../../src/analyzers/run-analyzers.js'
import type { Analyzer } from '../../src/analyzers/types.js'
import { open } from '../support/pictures.js'

/** Returns the findings of one analyzer about a picture. Throws its error. */
export async function find<F>(analyzer: Analyzer<F>, picture: Uint8Array | Sharp): Promise<F> {
  const bytes = picture instanceof Uint8Array ? picture : await picture.png().toBuffer()
  const { analysis, errors } = await analyze(await open(bytes), [analyzer])
  if (errors[0] !== undefined) throw errors[0].error
  return analysis[analyzer.name] as F // a JSON copy of its return value
}

/** Returns a picture of one colour. */
export function plain(background: Color, width = 64, height = 64): Sharp {
  return sharp({ create: { width, height, channels: 4, background } })
}

/** Returns a drawing of SVG elements. */
export function draw(inside: string, width: number, height: number): Sharp {
  return sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${inside}</svg>`,
    ),
  )
}
