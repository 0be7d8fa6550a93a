import type { ImageOp } from '../src/operations/image-op.generated.js'
import { operations } from '../src/operations/parse-operations.js'
import type { Op } from '../src/operations/define-operation.js'

/** How docs/operations.md shows an operation. */
export interface DocExample {
  /** A file of fixtures/photos. */
  readonly photo: string
  /** Operations of the command. Empty if they have no visible effect. */
  readonly ops: readonly ImageOp[]
  /** Operations of the picture on the left. @default all of `ops` but the last */
  readonly before?: readonly ImageOp[]
  /** Shows the size in bytes of both pictures. */
  readonly bytes?: true
  /** The operation in YAML, in several forms. */
  readonly spellings: readonly string[]
}

/** An operation that is not listed here appears under Settings or More. */
const THEMES: Readonly<Record<string, readonly string[]>> = {
  'Size and shape': ['thumbnail', 'resize', 'crop', 'trim', 'pad', 'rotate', 'flip', 'flop', 'affine', 'round'],
  'Colour and tone': [
    'modulate', 'grayscale', 'tint', 'duotone', 'recomb', 'negate', 'threshold', 'contrast', 'linear', 'gamma', 'normalize', 'clahe',
    'flatten', 'unflatten',
  ],
  Detail: ['blur', 'sharpen', 'median', 'pixelate'],
  Overlays: ['watermark', 'composite', 'redact'],
  Settings: ['format', 'metadata', 'autoOrient', 'density'],
} // prettier-ignore

/** Photos and parameters with an effect that shows at 240 pixels. Without an entry, the registry's example is used. */
const EXAMPLES: Readonly<Record<string, DocExample>> = {
  thumbnail: {
    photo: 'landscape.jpg',
    ops: [{ thumbnail: '400x400' }],
    spellings: ['200', '400x400', '200x200:fit=cover:position=attention', '{ width: 400 }'],
  },
  resize: {
    photo: 'portrait.webp',
    ops: [{ resize: { width: 360, height: 360, position: 'top' } }],
    spellings: [
      '800',
      '800x600',
      'x600',
      '50%',
      '{ width: 800, height: 800, fit: contain, background: white }',
    ],
  },
  crop: {
    photo: 'landscape.jpg',
    ops: [{ crop: '400x300@400x250' }],
    spellings: [
      '400x300',
      '400x300@400x250',
      '{ aspect: 16/9, position: attention }',
      '{ width: 50%, height: 50% }',
    ],
  },
  trim: {
    photo: 'flat-art.png',
    ops: [{ pad: { top: 30, right: 80, bottom: 30, left: 30, background: 'white' } }, { trim: true }],
    spellings: ['true', '20', '{ background: white, margin: 5 }'],
  },
  pad: {
    photo: 'photo.avif',
    ops: [{ pad: { aspect: '1/1', background: 'ffd166' } }],
    spellings: [
      '20',
      '10x20x10x20',
      '{ aspect: 1/1, background: ffd166 }',
      '{ bottom: 40, fill: mirror }',
      '{ aspect: 16/9, fill: blur }',
    ],
  },
  rotate: {
    photo: 'landscape.jpg',
    ops: [{ rotate: 15 }],
    spellings: ['90', '-12.5', '{ angle: 15, background: white }'],
  },
  flop: { photo: 'animated.gif', ops: [{ flop: true }], spellings: ['true'] },
  round: {
    photo: 'portrait.webp',
    ops: [{ thumbnail: { width: 240, height: 240, fit: 'cover', position: 'attention' } }, { round: '50%' }],
    spellings: ['20', '50%'],
  },
  modulate: {
    photo: 'portrait.webp',
    ops: [{ modulate: { saturation: 0.8, hue: 120 } }],
    spellings: ['{ brightness: 1.1 }', '{ saturation: 0.8, hue: 120 }', 'saturation=0.8:hue=120'],
  },
  grayscale: { photo: 'display-p3.jpg', ops: [{ grayscale: true }], spellings: ['true'] },
  tint: { photo: 'UPPER.JPG', ops: [{ tint: '4080c0' }], spellings: ['ffb050', 'teal', "'#4080c0'"] },
  negate: { photo: 'flat-art.png', ops: [{ negate: true }], spellings: ['true'] },
  threshold: { photo: 'portrait.webp', ops: [{ threshold: 150 }], spellings: ['128'] },
  contrast: { photo: 'grey.jpg', ops: [{ contrast: 1.6 }], spellings: ['1.3', '0.8'] },
  gamma: { photo: 'photo.avif', ops: [{ gamma: 2.2 }], spellings: ['1.5'] },
  normalize: {
    photo: 'UPPER.JPG',
    ops: [{ contrast: 0.4 }, { normalize: true }],
    spellings: ['true', '{ lower: 5, upper: 95 }'],
  },
  clahe: {
    photo: 'photo.avif',
    ops: [{ clahe: { width: 60, height: 60, maxSlope: 8 } }],
    spellings: ['50', '{ width: 60, height: 60, maxSlope: 8 }'],
  },
  flatten: { photo: 'alpha.png', ops: [{ flatten: 'ffd8a8' }], spellings: ['true', 'white', 'ffd8a8'] },
  blur: { photo: 'landscape.jpg', ops: [{ blur: 12 }], spellings: ['2', '0.5'] },
  sharpen: {
    photo: 'landscape.jpg',
    ops: [{ crop: '240x180@450x300' }, { sharpen: 3 }],
    spellings: ['1', '{ sigma: 1.5, m1: 0.5, m2: 3 }'],
  },
  median: { photo: 'cmyk.jpg', ops: [{ median: 13 }], spellings: ['3'] },
  watermark: {
    photo: 'landscape.jpg',
    ops: [{ watermark: 'photos/alpha.png:scale=0.35:position=southwest:margin=30' }],
    spellings: [
      'photos/alpha.png:scale=0.2',
      '{ text: Sample, opacity: 0.6 }',
      '{ text: Draft, tile: true, opacity: 0.2, margin: 20 }',
      '{ text: A longer line, size: 24, width: 40%, align: centre }',
    ],
  },
  composite: {
    photo: 'landscape.jpg',
    ops: [
      { composite: { colour: 'navy', height: '25%', position: 'bottom', opacity: 0.6 } },
      { composite: 'photos/alpha.png:width=20%:position=southeast' },
    ],
    before: [],
    spellings: [
      'photos/alpha.png:left=20:top=20:width=25%',
      '{ image: photos/alpha.png, position: southeast, blend: screen }',
      '{ colour: navy, height: 25%, position: bottom, opacity: 0.6 }',
    ],
  },
  duotone: {
    photo: 'portrait.webp',
    ops: [{ duotone: 'navy:ffcc66' }],
    spellings: ['navy:ffcc66', '{ dark: 10204a, light: ffe0b0 }'],
  },
  recomb: {
    photo: 'landscape.jpg',
    ops: [{ recomb: 'sepia' }],
    spellings: ['sepia', '{ preset: sepia, amount: 0.5 }', '{ matrix: [1.1, 0, 0, 0, 1, 0, 0, 0, 0.9] }'],
  },
  linear: {
    photo: 'photo.avif',
    ops: [{ linear: { a: 1.3, b: -30 } }],
    spellings: ['1.2', '{ a: 1.3, b: -30 }', '{ a: [1.1, 1, 0.9] }'],
  },
  unflatten: {
    photo: 'flat-art.png',
    ops: [{ pad: { top: 30, right: 40, bottom: 30, left: 40, background: 'white' } }, { unflatten: true }],
    spellings: ['true'],
  },
  pixelate: {
    photo: 'portrait.webp',
    ops: [{ pixelate: { size: 24, regions: ['60%x35%@20%x15%'] } }],
    spellings: ['16', '{ size: 24, regions: [60%x35%@20%x15%] }', '24:regions=60%x35%@20%x15%,10%x10%@0%x0%'],
  },
  affine: {
    photo: 'landscape.jpg',
    ops: [{ affine: { matrix: [1, 0.3, 0, 1], background: 'white' } }],
    spellings: ['1x0.3x0x1', '{ matrix: [1, 0.3, 0, 1], background: white }'],
  },
  format: {
    photo: 'landscape.jpg',
    before: [{ crop: '240x180@450x300' }, { format: 'jpeg:quality=80' }],
    ops: [{ crop: '240x180@450x300' }, { format: 'jpeg:quality=10' }],
    bytes: true,
    spellings: [
      'webp',
      'webp:quality=70',
      '{ type: avif, quality: 50, effort: 6 }',
      'jpeg:maxBytes=100KB',
      'webp:quality=auto',
      'auto',
    ],
  },
  metadata: {
    photo: 'phone.heic',
    ops: [],
    spellings: ['strip', 'keep', 'icc', 'icc:copyright', '[exif, gps]'],
  },
  density: { photo: 'drawing.svg', ops: [{ density: 144 }], spellings: ['300'] },
  autoOrient: {
    photo: 'orientation/Landscape_6.jpg',
    before: [{ autoOrient: false }],
    ops: [{ autoOrient: true }],
    spellings: ['false'],
  },
}

/** Returns the example of an operation. */
export function exampleFor(op: Op): DocExample {
  const known = EXAMPLES[op.name]
  if (known !== undefined) return known
  const own = { [op.name]: op.example } as ImageOp // the example in the registry
  // A setting may have no visible effect.
  const ops = op.kind === 'setting' ? [] : [own]
  return { photo: 'landscape.jpg', ops, spellings: [toYaml(op.example)] }
}

/** Returns every operation, grouped by theme. */
export function themes(): readonly { readonly title: string; readonly ops: readonly Op[] }[] {
  const known = new Set(Object.values(THEMES).flat())
  const rest = operations.filter(({ name }) => !known.has(name))
  const find = (title: string, names: readonly string[]): Op[] => [
    ...names.flatMap((name) => operations.filter((op) => op.name === name)),
    ...(title === 'Settings' ? rest.filter(({ kind }) => kind === 'setting') : []),
  ]
  const named = Object.entries(THEMES).map(([title, names]) => ({ title, ops: find(title, names) }))
  const more = { title: 'More', ops: rest.filter(({ kind }) => kind === 'pixels') }
  return [...named.slice(0, -1), more, ...named.slice(-1)].filter(({ ops }) => ops.length > 0)
}

function toYaml(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return `{ ${Object.entries(value)
    .map(([key, part]) => `${key}: ${String(part)}`)
    .join(', ')} }`
}
