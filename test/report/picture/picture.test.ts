import fc from 'fast-check'
import { parseFragment, type DefaultTreeAdapterTypes } from 'parse5'
import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../../src/manifest/types.js'
import { picture } from '../../../src/report/picture/picture.js'
import { pictureData } from '../../../src/report/picture/picture-data.js'
import type { PictureOptions } from '../../../src/report/picture/types.js'
import { manifestOf, output, withEntries } from '../manifest.js'

const PATH = 'photos/a.jpg'
const ALL = manifestOf(
  output('jpeg', 640),
  output('avif', 320),
  output('webp', 640),
  output('webp', 320),
  output('avif', 640),
  output('jpeg', 320),
)

describe('picture', () => {
  it('lists formats in the order of preference, widths in ascending order, and the size of the largest output', () => {
    expect(picture(ALL, PATH, { alt: 'A house', sizes: '(min-width: 60em) 40em, 100vw' })).toBe(`<picture>
  <source type="image/avif" srcset="a-320w.avif 320w, a-640w.avif 640w" sizes="(min-width: 60em) 40em, 100vw" width="640" height="480">
  <source type="image/webp" srcset="a-320w.webp 320w, a-640w.webp 640w" sizes="(min-width: 60em) 40em, 100vw" width="640" height="480">
  <img src="a-640w.jpeg" srcset="a-320w.jpeg 320w, a-640w.jpeg 640w" sizes="(min-width: 60em) 40em, 100vw" width="640" height="480" alt="A house" loading="lazy" decoding="async">
</picture>`)
  })

  it('writes neither width descriptors nor sizes for a single output', () => {
    const html = picture(manifestOf(output('webp', 100), output('jpeg', 100)), PATH, { alt: 'A house' })
    expect(html).toContain('srcset="a-100w.webp" width')
    expect(html).not.toContain('sizes')
  })

  it('loads a picture of high priority at once', () => {
    const { img } = pictureData(ALL, PATH, {
      alt: 'A',
      fetchPriority: 'high',
      class: 'hero',
      decoding: 'sync',
    })
    expect(img).toMatchObject({ loading: 'eager', fetchpriority: 'high', class: 'hero', decoding: 'sync' })
  })

  it.each([
    ['the url of an output', {}, 'https://cdn/a%20b.jpg'],
    ['the prefix', { baseUrl: '/img/' }, '/img/x/a%20b%2C.jpg'],
  ])('takes %s', (_, options, src) => {
    const one = output('jpeg', 100, { path: 'x/a b,.jpg', url: 'https://cdn/a%20b.jpg' })
    expect(pictureData(manifestOf(one), PATH, { alt: 'A', ...options }).img.src).toBe(src)
  })

  it('takes the path relative to the manifest if there is no url', () => {
    const one = output('jpeg', 100, { path: '../a:b?c#d.jpg' })
    expect(pictureData(manifestOf(one), PATH, { alt: 'A' }).img.src).toBe('../a%3Ab%3Fc%23d.jpg')
  })

  it('shows other crops by media query, in every format, before the picture itself', () => {
    const square = { preset: 'square', height: 320 }
    const manifest = manifestOf(
      ...['avif', 'jpeg'].map((format) => output(format as 'avif', 640)),
      ...['avif', 'jpeg'].map((format) => output(format as 'avif', 320, { ...square, path: `s.${format}` })),
    )
    const art = [{ media: '(max-width: 600px)', preset: 'square' }]
    const { sources, img } = pictureData(manifest, PATH, { alt: 'A', art })
    expect(sources).toMatchObject([
      { media: '(max-width: 600px)', type: 'image/avif', srcset: 's.avif', width: 320, height: 320 },
      { media: '(max-width: 600px)', type: 'image/jpeg', srcset: 's.jpeg', width: 320, height: 320 },
      { type: 'image/avif', srcset: 'a-640w.avif' },
    ])
    expect(img.src).toBe('a-640w.jpeg')
    expect(picture(manifest, PATH, { alt: 'A', art })).toContain(
      '<source media="(max-width: 600px)" type="image/avif"',
    )
  })

  it('puts JPEG XL before AVIF, and AVIF before WebP', () => {
    const manifest = manifestOf(
      ...(['webp', 'jpeg', 'avif', 'jxl'] as const).map((format) => output(format, 90)),
    )
    const { sources, img } = pictureData(manifest, PATH, { alt: 'A' })
    expect(sources.map(({ type }) => type)).toEqual(['image/jxl', 'image/avif', 'image/webp'])
    expect(img.src).toBe('a-90w.jpeg')
  })

  it('leaves out stills beside an animation, and all but the smallest of the formats that every browser shows', () => {
    const moving = { pages: 4 }
    const manifest = manifestOf(output('avif', 90), output('webp', 90, moving), output('gif', 90, moving))
    const { sources, img } = pictureData(manifest, PATH, { alt: 'A' })
    expect(sources.map(({ type }) => type)).toEqual(['image/webp'])
    expect(img.src).toBe('a-90w.gif')
    const two = manifestOf(output('png', 90, { bytes: 10 }), output('jpeg', 90, { bytes: 20 }))
    expect(pictureData(two, PATH, { alt: 'A' }).sources).toEqual([])
    expect(pictureData(two, PATH, { alt: 'A' }).img.src).toBe('a-90w.png')
  })

  it('takes a modern format for the <img> if there is no other', () => {
    expect(pictureData(manifestOf(output('webp', 90)), PATH, { alt: 'A' }).img.src).toBe('a-90w.webp')
  })
})

describe('the text alternative', () => {
  it.each([{}, { alt: '' }, { alt: ' \n' }, { alt: undefined }, { decorative: false }, { alt: 3 }])(
    'is missing in %j, which is an error',
    (options) => {
      // As JavaScript may call it.
      expect(() => picture(ALL, PATH, options as unknown as PictureOptions)).toThrow(
        /needs a text alternative/,
      )
    },
  )

  it('is empty for a picture that is declared decorative', () => {
    expect(picture(ALL, PATH, { decorative: true })).toContain(' alt=""')
  })

  it('is that of the metadata if it is asked for', () => {
    const withCaption = (caption: object): Manifest => ({
      ...ALL,
      entries: ALL.entries.map((entry) => ({ ...entry, analysis: { caption } })),
    })
    expect(picture(withCaption({ altText: 'A "cat"' }), PATH, { altFrom: 'caption' })).toContain(
      ' alt="A &quot;cat&quot;"',
    )
    expect(() => picture(withCaption({}), PATH, { altFrom: 'caption' })).toThrow(/no alternative text in its/)
    expect(() => picture(ALL, PATH, { altFrom: 'caption' })).toThrow(/--analyze caption/)
    const both = { alt: 'A', altFrom: 'caption' } as unknown as PictureOptions // as JavaScript may call it
    expect(() => picture(withCaption({ altText: 'B' }), PATH, both)).toThrow(/Keep one of/)
  })

  it('contradicts a picture that is declared decorative', () => {
    const options = { alt: 'A house', decorative: true } as unknown as PictureOptions // as JavaScript may call it
    expect(() => picture(ALL, PATH, options)).toThrow(/Remove one/)
  })
})

describe('mistakes', () => {
  it.each([
    ['an unknown source', ALL, 'photos/b.jpg', {}, 'Did you mean "photos/a.jpg"?'],
    [
      'several presets',
      manifestOf(output('jpeg', 10), output('jpeg', 10, { preset: 'thumb' })),
      PATH,
      {},
      "Name one: preset: 'wide' (--preset wide)",
    ],
    ['an unknown preset', ALL, PATH, { preset: 'thumb' }, 'no output of the preset "thumb"'],
    ['an analysis that is missing', ALL, PATH, { placeholder: 'thumbhash' }, '--analyze thumbhash'],
    [
      'an empty media query',
      ALL,
      PATH,
      { art: [{ media: ' ', preset: 'wide' }], preset: 'wide' },
      'media query',
    ],
    [
      'a failed source',
      withEntries({
        id: 'a',
        source: { path: PATH },
        status: 'failed',
        outputs: [],
        error: { code: 'CORRUPT_IMAGE', message: 'It is cut off.', stage: 'decode', retryable: false },
      }),
      PATH,
      {},
      'CORRUPT_IMAGE: It is cut off.',
    ],
  ] as const)('are explained: %s', (_, manifest, path, options, message) => {
    expect(() => picture(manifest, path, { alt: 'A', ...options })).toThrow(message)
  })
})

const text = fc.string({ unit: 'binary', maxLength: 40 })
const HOSTILE = fc.oneof(
  text,
  fc.constantFrom('"><script>alert(1)</script>', "' onerror=x", '&quot;&#34;', '\r\n\t', '\0'),
)

/** HTML has neither NUL nor halves of surrogate pairs; it reads a carriage return only as a reference. */
function asHtmlKeeps(value: string): string {
  return value.replaceAll('\0', '\uFFFD')
}

describe('escaping', () => {
  it('keeps any text as the value of its attribute, and adds no other element or attribute', () => {
    const property = fc.property(HOSTILE, HOSTILE, HOSTILE, HOSTILE, (alt, sizes, names, media) => {
      fc.pre(alt.trim() !== '' && media.trim() !== '')
      const art = [{ media, preset: 'wide' }]
      const html = picture(ALL, PATH, { alt, sizes, class: names, art, preset: 'wide' })
      const elements = elementsOf(html)
      expect(elements.map(({ name }) => name)).toEqual(['picture', ...Array(5).fill('source'), 'img'])
      const [, first] = elements
      expect(first?.attributes).toMatchObject({ media: asHtmlKeeps(media), sizes: asHtmlKeeps(sizes) })
      expect(elements.at(-1)?.attributes).toEqual({
        src: 'a-640w.jpeg',
        srcset: 'a-320w.jpeg 320w, a-640w.jpeg 640w',
        sizes: asHtmlKeeps(sizes),
        width: '640',
        height: '480',
        alt: asHtmlKeeps(alt),
        loading: 'lazy',
        decoding: 'async',
        class: asHtmlKeeps(names),
      })
    })
    fc.assert(property, { numRuns: 300 })
  })

  it('gives paths that lead back to the file, whatever its name is, and never end a candidate of a srcset', () => {
    const name = fc.string({ unit: 'binary', minLength: 1 }).filter((path) => !/[/\\\0]|^\.{1,2}$/.test(path))
    const property = fc.property(
      name,
      fc.constantFrom('/img, x/', '', ',', 'https://host/a b,'),
      (path, baseUrl) => {
        const manifest = manifestOf(output('webp', 10, { path: `1${path}` }), output('webp', 20, { path }))
        const { img } = pictureData(manifest, PATH, { alt: 'A', baseUrl })
        const candidates = (img.srcset ?? '').split(/,? +/)
        expect(candidates.length).toBe(4)
        expect(candidates[2]).toBe(img.src)
        expect(decodeURIComponent(img.src)).toBe(baseUrl + path)
      },
    )
    fc.assert(property, { numRuns: 300 })
  })
})

interface FoundElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
}

function elementsOf(html: string): FoundElement[] {
  const visit = (node: DefaultTreeAdapterTypes.Node): FoundElement[] => {
    const children = 'childNodes' in node ? node.childNodes.flatMap(visit) : []
    if (!('tagName' in node)) return children
    const attributes = Object.fromEntries(node.attrs.map(({ name, value }) => [name, value]))
    return [{ name: node.tagName, attributes }, ...children]
  }
  return visit(parseFragment(html))
}
