import fc from 'fast-check'
import sharp, { type Metadata } from 'sharp'
import { describe, expect, it } from 'vitest'
import type { OpInputs } from '../../src/ops/image-op.js'
import { format as op } from '../../src/ops/registry.js'
import { anyInput, opOf } from '../support/inputs.js'
import { difference, fixture, make, makePicture, open, pixelsOf, type Kind } from '../support/pictures.js'
import { render } from '../../src/core/render.js'

type Format = OpInputs['format']

async function bytesWith(format: Format): Promise<Buffer> {
  return (await make(await fixture('photos/landscape.jpg'), [{ thumbnail: 100 }, { format }])).data
}

describe.each<Kind>(['rgb', 'rgba', 'grey', 'deep'])('the encoders, on %s,', (kind) => {
  it('take every option that the schema takes', async () => {
    const image = await open(await makePicture(kind, 12, 8))
    const input = anyInput(op).filter(
      (format) => typeof format === 'string' || !('maxBytes' in Object(format)),
    )
    await fc.assert(
      fc.asyncProperty(input, async (format) => {
        expect((await render(image, [opOf('format', format)])).info).toMatchObject({ width: 12, height: 8 })
      }),
      { numRuns: 150 },
    )
  })
})
