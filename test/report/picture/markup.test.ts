import fc from 'fast-check'
import { transformSync } from 'rolldown/utils'
import { expect, it } from 'vitest'
import { toJsx } from '../../../src/report/picture/markup.js'
import { pictureData } from '../../../src/report/picture/picture-data.js'
import { manifestOf, output } from '../manifest.js'

const ALL = manifestOf(output('jpeg', 640), output('avif', 320), output('avif', 640), output('jpeg', 320))

it('writes JSX with the names of React, which has any text as the value of its property', () => {
  const text = fc.string({ unit: 'binary' }).filter((value) => value.trim() !== '')
  const property = fc.property(text, text, (alt, sizes) => {
    const data = pictureData(ALL, 'photos/a.jpg', { alt, sizes, fetchPriority: 'high', class: 'hero' })
    const color = '#aabbcc'
    const [, source, img] = elementsOf(toJsx({ ...data, placeholder: { color, background: color } }))
    expect(source).toEqual([
      'source',
      { type: 'image/avif', srcSet: 'a-320w.avif 320w, a-640w.avif 640w', sizes, width: 640, height: 480 },
    ])
    expect(img).toEqual([
      'img',
      {
        src: 'a-640w.jpeg',
        srcSet: 'a-320w.jpeg 320w, a-640w.jpeg 640w',
        sizes,
        width: 640,
        height: 480,
        alt,
        loading: 'eager',
        decoding: 'async',
        fetchPriority: 'high',
        className: 'hero',
        style: { background: color },
      },
    ])
  })
  fc.assert(property, { numRuns: 100 })
})

type JsxElement = readonly [name: string, properties: object]

/** Compiles JSX and runs it, with a function that lists the elements. */
function elementsOf(jsx: string): JsxElement[] {
  const options = { jsx: { runtime: 'classic', pragma: 'make' } } as const
  const { code } = transformSync('picture.jsx', `export const made = ${jsx}`, options)
  const found: JsxElement[] = []
  const make = (name: string, properties: object) => found.push([name, properties])
  // oxlint-disable-next-line no-implied-eval -- runs what was compiled above
  new Function('make', code.replace('export const made =', 'return'))(make)
  // Children are made before their parent.
  return [found.at(-1)!, ...found.slice(0, -1)]
}
