import { writeJpeg, type JpegSpec } from './jpeg-writer.js'

/** A generated file. */
export interface GeneratedJpeg {
  readonly name: string
  readonly bytes: Buffer
  readonly extension: 'jpg'
  /** `picture`: libjpeg decodes it. `unsupported`: it is intact, but of a kind that libjpeg-turbo does not read. */
  readonly expected: 'picture' | 'unsupported'
}

const PLAIN: JpegSpec = {
  width: 100,
  height: 70,
  components: [1, 2, 3].map((id) => ({ id, h: 1, v: 1 })),
  restartInterval: 0,
  isProgressive: false,
  hasWideTables: false,
  hasFlatCodes: true,
  fill: 0,
  hasDnl: false,
}

const JFIF = Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1')
const ADOBE = Buffer.from('Adobe\0\x64\0\0\0\0', 'latin1')

const IDS: Readonly<Record<string, readonly number[]>> = {
  '1-2-3': [1, 2, 3, 4],
  '0-1-2': [0, 1, 2, 3],
  RGB: [...Buffer.from('RGBA')],
  odd: [7, 7 ^ 128, 200, 3],
}
const ADOBES: Readonly<Record<string, Buffer | undefined>> = {
  none: undefined,
  // Without the transform, which is the last byte, and cut off in the name.
  short: ADOBE,
  name: ADOBE.subarray(0, 5),
  ...Object.fromEntries(
    [0, 1, 2, 9].map((transform) => [transform, Buffer.concat([ADOBE, Buffer.from([transform])])]),
  ),
  long: Buffer.concat([ADOBE, Buffer.from([1, 0, 0])]),
}
const JFIFS: Readonly<Record<string, Buffer | undefined>> = {
  none: undefined,
  short: JFIF.subarray(0, 13),
  name: JFIF.subarray(0, 5),
  whole: JFIF,
}

/** Generates JPEGs of every header that the grammar of ITU T.81 allows, in small pictures. */
export function* jpegs(): Generator<GeneratedJpeg> {
  yield* headers()
  yield* samplings()
  yield* streams()
  yield* unsupported()
}

function make(
  name: string,
  spec: Partial<JpegSpec>,
  expected: GeneratedJpeg['expected'] = 'picture',
): GeneratedJpeg {
  return { name, bytes: writeJpeg({ ...PLAIN, ...spec }), extension: 'jpg', expected }
}

/** Ids, JFIF and Adobe segments, from which the decoder guesses the colour space. */
function* headers(): Generator<GeneratedJpeg> {
  for (const count of [1, 3, 4]) {
    for (const [idName, ids] of Object.entries(IDS)) {
      for (const [adobeName, adobe] of Object.entries(ADOBES)) {
        for (const [jfifName, jfif] of Object.entries(JFIFS)) {
          const components = ids.slice(0, count).map((id) => ({ id, h: 1, v: 1 }))
          yield make(`${count} components ${idName}, adobe ${adobeName}, jfif ${jfifName}`, {
            components,
            adobe,
            jfif,
          })
        }
      }
    }
  }
}

/** Every pair of sampling factors of luma and chroma, those of luma smaller than chroma as well. */
function* samplings(): Generator<GeneratedJpeg> {
  const factors = [1, 2, 3, 4].flatMap((h) => [1, 2, 3, 4].map((v) => ({ h, v })))
  for (const luma of factors) {
    for (const chroma of factors) {
      const components = [1, 2, 3].map((id) => ({ id, ...(id === 1 ? luma : chroma) }))
      const isProgressive = (luma.h + luma.v + chroma.h) % 2 === 0
      const name = `sampling ${luma.h}x${luma.v} and ${chroma.h}x${chroma.v}`
      const isWhole = isMultiple(luma.h, chroma.h) && isMultiple(luma.v, chroma.v)
      yield make(name, { components, isProgressive, jfif: JFIF }, isWhole ? 'picture' : 'unsupported')
    }
  }
}

function isMultiple(a: number, b: number): boolean {
  return Math.max(a, b) % Math.min(a, b) === 0
}

/** Choices of the entropy-coded data and its tables. */
function* streams(): Generator<GeneratedJpeg> {
  const components = [1, 2, 3].map((id) => (id === 1 ? { id, h: 2, v: 2 } : { id, h: 1, v: 1 }))
  for (const isProgressive of [false, true]) {
    for (const restartInterval of [0, 1, 3]) {
      for (const hasWideTables of [false, true]) {
        for (const hasFlatCodes of [false, true]) {
          for (const fill of [0, 3]) {
            const name = `${isProgressive ? 'progressive' : 'baseline'}, restart ${restartInterval}, tables ${hasWideTables ? 16 : 8}, codes ${hasFlatCodes ? 'flat' : 'skew'}, fill ${fill}`
            const spec = { components, isProgressive, restartInterval, hasWideTables, hasFlatCodes, fill }
            yield make(name, { ...spec, jfif: JFIF })
          }
        }
      }
    }
  }
}

/** Kinds of ITU T.81 that libjpeg-turbo does not read as 8 bits, all with sound headers. */
function* unsupported(): Generator<GeneratedJpeg> {
  yield make('DNL marker', { hasDnl: true, jfif: JFIF }, 'unsupported')
  for (const frame of [0xc1, 0xc2]) {
    const spec = { frame, precision: 12, isProgressive: frame === 0xc2 } as const
    yield make(`12 bits, frame ${frame.toString(16)}`, spec, 'unsupported')
  }
  for (const frame of [0xc5, 0xc6, 0xc7, 0xcb, 0xcd, 0xce, 0xcf, 0xf7])
    yield make(`frame ${frame.toString(16)}`, { frame }, 'unsupported')
}
