import { describe, expect, it } from 'vitest'
import { ImgprocError } from '../../src/errors.js'
import { transform } from '../../src/transform.js'
import { fixture } from '../support/pictures.js'

describe('error of libvips', () => {
  it.each(['truncated.png', 'truncated.jpg'])(
    'is CORRUPT_IMAGE for %s, even if many renditions fail at once',
    async (name) => {
      const bytes = await fixture(`broken/${name}`)
      const formats = Array.from({ length: 60 }, (_, at) => (['png', 'webp', 'jpeg'] as const)[at % 3]!)
      const errors = await Promise.all(
        formats.map((format) =>
          transform(bytes, [{ thumbnail: 100 }, { format }]).catch((error: unknown) => error),
        ),
      )
      for (const error of errors) {
        expect(error).toBeInstanceOf(ImgprocError)
        expect(error).toMatchObject({ code: 'CORRUPT_IMAGE', stage: 'decode' })
      }
    },
  )
})
