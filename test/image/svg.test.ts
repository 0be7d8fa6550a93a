import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { analyze } from '../../src/analyzers/run-analyzers.js'
import { maybeSvg, openDrawing } from '../../src/image/svg.js'
import { ImgprocError } from '../../src/errors.js'
import { transform } from '../../src/transform.js'
import { fixture, make, open, pixelsOf, type Pixels } from '../support/pictures.js'

const NAMES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
const SIZE = 'width="40" height="40"'
const LIMITS = { maxPixels: 1e8, seconds: 20 }

function svg(inside: string, size = SIZE): string {
  return `<svg ${NAMES} ${size}>${inside}</svg>`
}

/** Returns true if some pixel has the green of the referenced files. */
function showsReference({ data }: Pixels): boolean {
  for (let at = 0; at < data.length; at += 4) {
    if (data[at]! < 60 && data[at + 1]! > 200 && data[at + 2]! < 60 && data[at + 3]! > 200) return true
  }
  return false
}

function codeOf(error: unknown): string {
  return error instanceof ImgprocError ? error.code : String(error)
}

describe('a reference in an SVG', () => {
  let folder: string
  let server: Server
  let web: string
  const requests: string[] = []
  const green = svg('<rect id="a" width="40" height="40" fill="#0f0"/>')

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imgproc-svg-'))
    await writeFile(join(folder, 'green.png'), await sharp(Buffer.from(green)).png().toBuffer())
    await writeFile(join(folder, 'green.svg'), green)
    await writeFile(join(folder, 'green.css'), 'rect { fill: #0f0 }')
    await writeFile(join(folder, 'green.txt'), '<rect width="40" height="40" fill="#0f0"/>')
    server = createServer((request, response) => {
      requests.push(request.url ?? '')
      void readFile(join(folder, request.url ?? '')).then((file) => response.end(file))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    web = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  })

  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await rm(folder, { recursive: true })
  })

  const references: Record<string, (to: (file: string) => string) => string> = {
    image: (to) => svg(`<image ${SIZE} href="${to('green.png')}"/>`),
    'image by xlink': (to) => svg(`<image ${SIZE} xlink:href="${to('green.png')}"/>`),
    'image of an SVG': (to) => svg(`<image ${SIZE} href="${to('green.svg')}"/>`),
    use: (to) => svg(`<use href="${to('green.svg')}#a"/>`),
    feImage: (to) =>
      svg(`<filter id="f"><feImage href="${to('green.png')}"/></filter><rect filter="url(#f)" ${SIZE}/>`),
    fill: (to) => svg(`<rect fill="url('${to('green.svg')}#a') red" ${SIZE}/>`),
    mask: (to) => svg(`<rect mask="url('${to('green.svg')}#a')" ${SIZE} fill="red"/>`),
    '@import': (to) => svg(`<style>@import url("${to('green.css')}");</style><rect ${SIZE}/>`),
    'a style sheet': (to) => `<?xml-stylesheet href="${to('green.css')}"?>${svg(`<rect ${SIZE}/>`)}`,
    'an entity': (to) => `<!DOCTYPE svg [<!ENTITY e SYSTEM "${to('green.txt')}">]>${svg('&e;')}`,
    'a document type': (to) => `<!DOCTYPE svg SYSTEM "${to('green.txt')}">${svg(`<rect ${SIZE}/>`)}`,
    XInclude: (to) =>
      svg(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${to('green.txt')}"/>`),
    'an SVG inside': (to) => {
      const inner = Buffer.from(svg(`<image ${SIZE} href="${to('green.png')}"/>`)).toString('base64')
      return svg(`<image ${SIZE} href="data:image/svg+xml;base64,${inner}"/>`)
    },
  }

  it.each(Object.entries(references))('is not followed: %s', async (_, write) => {
    const targets = [
      (file: string) => file,
      (file: string) => join(folder, file),
      (file: string) => pathToFileURL(join(folder, file)).href,
      (file: string) => `${web}/${file}`,
    ]
    for (const to of targets) {
      const path = join(folder, 'innocent.svg')
      await writeFile(path, write(to))
      const outcome = await transform(path, [{ resize: 40 }]).then(
        async ({ data }) => showsReference(await pixelsOf(data)),
        codeOf,
      )
      // librsvg leaves out a missing reference, or fails to parse a file that needs it.
      expect([false, 'CORRUPT_IMAGE']).toContain(outcome)
    }
    expect(requests).toEqual([])
  })

  it('would be followed by librsvg if it knew the path of the file', async () => {
    const path = join(folder, 'neighbour.svg')
    await writeFile(
      path,
      references['image']!((file) => file),
    )
    expect(showsReference(await pixelsOf(await sharp(path).png().toBuffer()))).toBe(true)
  })

  it('is followed if its target is in the file itself', async () => {
    const data = `data:image/png;base64,${(await readFile(join(folder, 'green.png'))).toString('base64')}`
    for (const text of [
      references['image']!(() => data),
      svg(`<defs><rect id="r" ${SIZE} fill="#0f0"/></defs><use href="#r"/>`),
    ]) {
      expect(showsReference(await pixelsOf((await make(Buffer.from(text), [{ resize: 40 }])).data))).toBe(
        true,
      )
    }
  })
})

describe('an SVG that is made to hang or to fill the memory', () => {
  const entities = (first: string) =>
    Array.from({ length: 12 }, (_, n) => `<!ENTITY e${n} "${n === 0 ? first : `&e${n - 1};`.repeat(10)}">`)
  const bomb = (first: string) => `<!DOCTYPE svg [${entities(first).join('')}]>${svg('<text>&e11;</text>')}`
  const copies = Array.from(
    { length: 10 },
    (_, n) => `<g id="u${n}">${n === 0 ? '<path d="M0 0h9v9"/>' : `<use href="#u${n - 1}"/>`.repeat(10)}</g>`,
  ).join('')
  const patterns = Array.from(
    { length: 8 },
    (_, n) =>
      `<pattern id="p${n}" width=".02" height=".02"><rect width="9" height="9" fill="${n === 0 ? 'red' : `url(#p${n - 1})`}"/></pattern>`,
  ).join('')
  const filtered = (filter: string) =>
    svg(
      `<filter id="f" x="-9" y="-9" width="19" height="19">${filter}</filter><rect ${SIZE} filter="url(#f)"/>`,
      'width="4000" height="4000" viewBox="0 0 40 40"',
    )
  const floods = Array.from({ length: 400 }, (_, n) => `<feFlood flood-color="red" result="r${n}"/>`).join('')
  const scribble = Array.from({ length: 9000 }, (_, n) => `L${(n * 37) % 99} ${(n * 61) % 97}`).join('')

  it.each([
    ['entities of text', bomb('ha'), 'CORRUPT_IMAGE', /amplification/],
    ['entities of shapes', bomb("<path d='M0 0h9v9'/>"), 'CORRUPT_IMAGE', /amplification/],
    ['groups in groups', svg('<g>'.repeat(1e5) + '</g>'.repeat(1e5)), 'CORRUPT_IMAGE', /depth/i],
    ['a huge size', svg('', 'width="1e6" height="1e6"'), 'TOO_MANY_PIXELS', /1000000x1000000/],
    [
      'a side above the limit of cairo',
      svg('', 'width="40000" height="9"'),
      'TOO_MANY_PIXELS',
      /32767 pixels per side/,
    ],
    ['a blur', filtered('<feGaussianBlur stdDeviation="400"/>'.repeat(20)), 'TIMED_OUT', /seconds/],
    ['a dilation', filtered('<feMorphology operator="dilate" radius="9"/>'), 'TIMED_OUT', /seconds/],
    ['clouds', filtered('<feTurbulence baseFrequency=".9" numOctaves="99"/>'), 'TIMED_OUT', /seconds/],
    ['copies of copies', svg(`<defs>${copies}</defs><use href="#u9"/>`), 'TIMED_OUT', /seconds/],
    ['copies that give the size', svg(`<defs>${copies}</defs><use href="#u9"/>`, ''), 'TIMED_OUT', /seconds/],
    [
      'a line that crosses itself',
      svg(`<path d="M0 0${scribble}"/>`, 'width="4000" height="4000"'),
      'TIMED_OUT',
      /seconds/,
    ],
    [
      'layers',
      svg(
        `<filter id="f">${floods}</filter><rect width="2000" height="2000" filter="url(#f)"/>`,
        'width="2000" height="2000"',
      ),
      'INPUT_TOO_LARGE',
      /MB of memory/,
    ],
  ])('fails with a clear error: %s', async (_, text, code, message) => {
    // Drawings that time out would never finish. The others fail by themselves, later on a busy machine.
    const limits = { seconds: code === 'TIMED_OUT' ? 1 : 25 }
    const error: unknown = await make(Buffer.from(text), [], limits).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ImgprocError)
    expect(error).toMatchObject({ code, stage: 'decode' })
    expect(String(error)).toMatch(message)
  })

  it('is drawn or times out if it has patterns in patterns', async () => {
    const text = svg(`<defs>${patterns}</defs><rect ${SIZE} fill="url(#p7)"/>`)
    const made = await make(Buffer.from(text), [{ resize: 800 }], { seconds: 1 }).then(
      ({ info }) => info.width,
      codeOf,
    )
    expect([800, 'TIMED_OUT']).toContain(made)
  })

  it('does not affect other SVGs', async () => {
    const hangs = make(Buffer.from(svg(`<defs>${copies}</defs><use href="#u9"/>`)), [], { seconds: 1 })
    const others = Array.from({ length: 6 }, () => make(Buffer.from(svg('<style/>')), [{ resize: 50 }]))
    await expect(hangs).rejects.toMatchObject({ code: 'TIMED_OUT' })
    for (const { info } of await Promise.all(others)) expect(info.width).toBe(50)
  })

  it('is aborted at once by the signal', async () => {
    const text = Buffer.from(svg(`<defs>${copies}</defs><use href="#u9"/>`))
    const signal = AbortSignal.timeout(300)
    await expect(
      openDrawing(text, { ...LIMITS, signal }).then(({ draw, metadata } = never()) => draw(metadata)),
    ).rejects.toMatchObject({ code: 'ABORTED' })
  })

  it('times out in analyzers too', async () => {
    const image = await open(Buffer.from(svg(`<defs>${copies}</defs><use href="#u9"/>`)), { seconds: 1 })
    await expect(analyze(image, [])).rejects.toMatchObject({ code: 'TIMED_OUT' })
  })
})

describe('an SVG', () => {
  it('looks the same whether it is drawn in this process or in a child process', async () => {
    const simple = await fixture('photos/drawing.svg')
    const styled = Buffer.from(simple.toString().replace('<path', '<style/><path'))
    const [here, there] = await Promise.all([simple, styled].map((text) => make(text, [{ thumbnail: 200 }])))
    expect(await pixelsOf(there!.data)).toEqual(await pixelsOf(here!.data))
  })

  it('lets the process end, and prints nothing', async () => {
    const script = join(await mkdtemp(join(tmpdir(), 'imgproc-svg-')), 'script.ts')
    const source = JSON.stringify(new URL('../../src/image/svg.ts', import.meta.url))
    await writeFile(
      script,
      `import { openDrawing } from ${source}
       const svg = Buffer.from(${JSON.stringify(svg('<style/>', 'viewBox="0 0 1e9 1e9" width="9" height="9"'))})
       const drawing = await openDrawing(svg, { maxPixels: 1e6, seconds: 20 })
       console.log((await drawing.draw({ width: 9, height: 9 })).length > 50)`,
    )
    const jiti = fileURLToPath(new URL('../../node_modules/jiti/lib/jiti-cli.mjs', import.meta.url))
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [jiti, script], {
      timeout: 170_000,
    })
    await rm(dirname(script), { recursive: true })
    expect([stdout, stderr]).toEqual(['true\n', ''])
  })

  it('may be compressed with gzip', async () => {
    const { info } = await make(gzipSync(await fixture('photos/drawing.svg')), [{ thumbnail: 200 }])
    expect(info).toMatchObject({ format: 'png', width: 200, height: 150 })
  })

  it('is detected by its first bytes', () => {
    const starts = ['<svg', ' \n<?xml version="1.0"?><svg', '\ufeff<!-- a --><svg', '<!DOCTYPE svg>']
    expect(starts.map((start) => maybeSvg(Buffer.from(start)))).toEqual([true, true, true, true])
    expect(maybeSvg(gzipSync('<svg'))).toBe(true)
    expect([Buffer.from('notes'), Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(0)].map(maybeSvg)).toEqual([
      false,
      false,
      false,
    ])
  })

  it('is UNSUPPORTED_FORMAT if its markup is not SVG', async () => {
    for (const bytes of [Buffer.from('<html><body/></html>'), gzipSync('a letter')]) {
      await expect(open(bytes)).rejects.toMatchObject({ code: 'UNSUPPORTED_FORMAT' })
    }
  })
})

function never(): never {
  throw new Error('It was not opened as an SVG.')
}
