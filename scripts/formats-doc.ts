import { FORMATS, type FormatFacts } from '../src/image/output-formats.js'
import { COMPARED, type Facts, type Kept } from './picture-facts.js'

/** Input formats, each with a fixture that a test reads. */
export const INPUTS = [
  ['JPEG', 'landscape.jpg', 'baseline and progressive, grey and CMYK too'],
  [
    'PNG',
    'deep.png',
    '8 and 16 bits a channel, palettes; animated PNG (APNG) with all its frames, of 8 bits each',
  ],
  ['WebP', 'animated.webp', 'stills and animations'],
  ['GIF', 'animated.gif', 'stills and animations'],
  [
    'AVIF',
    'photo.avif',
    'stills and animations, of 8 bits a channel; a long animation is read as its first frame, with a warning: see [below](#animated-avif)',
  ],
  [
    'TIFF',
    'scan.tiff',
    'the first page, or that of `page`; integers of up to 64 bits and floating point from 0 to 1; grey, RGB, palette, CMYK, YCbCr and Lab; channels that are neither colour nor alpha are ignored',
  ],
  ['SVG', 'drawing.svg', 'drawn as pixels'],
  [
    'JPEG XL',
    '../jxl/photo.jxl',
    'stills and animations, up to 16 bits a channel; by `wasm-vips`, an optional package; see [JPEG XL](jpeg-xl.md)',
  ],
  [
    'HEIC',
    'phone.heic',
    'photos from phones, or the picture of `page`; decoded by `heic-decode`, an optional dependency that npm installs by default',
  ],
  [
    'BMP',
    '../formats/view.bmp',
    '1 to 32 bits a pixel, RLE, colour masks with alpha, rows from either end, headers of OS/2 and Windows, embedded ICC profiles; the fourth byte of 32 bits is alpha only if a mask says so',
  ],
  ['ICO', '../formats/icon.ico', 'also CUR; the largest picture of BMPs and PNGs, or that of `page`'],
  [
    'PNM',
    '../formats/view.ppm',
    'PBM, PGM, PPM and PAM (P1 to P7), 1 to 16 bits, any greatest value, grey, RGB and alpha; the first picture of a file',
  ],
  ['QOI', '../formats/view.qoi', 'RGB and RGBA, sRGB and linear'],
] as const

/** Returns the section on input and output formats. */
export function formatsSection({ formats }: Facts): string {
  const inputs = INPUTS.map(([name, , what]) => `| ${name} | ${what} |`)
  const outputs = Object.entries(FORMATS).map(([type, facts]) => outputRow(type, facts, formats[type]))
  return `## Formats

### Input

The content of a file decides its format, not the extension.

| format | notes |
| --- | --- |
${inputs.join('\n')}

A TIFF is refused, as \`UNSUPPORTED_FORMAT\`, if it has one of these: ZSTD, LZMA, LERC, JPEG 2000, JBIG or old-style JPEG compression; signed or
complex samples; floating-point samples most of which are outside of 0 to 1; inks other than CMYK; raw sensor data; LogL, LogLuv or ITU Lab.

### Animated AVIF

All frames are read by the decoder that comes with sharp: no other package is needed. It can't go on from one frame to the
next, so each is decoded with all since its key frame, and the time grows with the square of their number. Files whose
estimated time is above \`limits.seconds\` (60, \`--timeout\`) are read as their first frame, and a warning says which limit
would do. With the default, about 150 frames of 640x400 without alpha are read, or 50 of 1920x1080, if only the first is a
key frame. A file of the brand \`avif\` that also holds an animation is a still, as browsers show it. So is a file for a
libvips of the system whose decoder is not libaom: \`imgproc doctor\` tells.

### Output

| \`format\` | extension | alpha | animation | over 8 bits per channel | CMYK | size of one photo |
| --- | --- | --- | --- | --- | --- | --- |
${outputs.join('\n')}

The size is that of \`${COMPARED.photo}\` at 640x480 with each encoder's defaults.

If a format cannot hold something, it is converted. Alpha is flattened on white. An animation becomes its first frame, and \`page\` and
\`sourcePages\` of the result say so. 16 bits
become 8, or 12 in AVIF. CMYK becomes sRGB, unless the format holds CMYK, \`metadata\` keeps the profile, and no operation adds
or changes colours: \`crop\`, \`thumbnail\`, \`resize\` other than \`contain\`, \`flip\`, \`flop\`, quarter turns, \`trim\`, \`blur\`,
\`median\` and a \`pad\` filled from the picture keep CMYK. Backgrounds, text and overlays are converted to an RGB or grey profile
that is kept; if it has lookup tables, the picture is converted to sRGB instead. A GIF has at most 256 colours per frame, and its pixels are either opaque or transparent.

Without \`format\` an output keeps its source's format if browsers show it (JPEG, PNG, WebP, AVIF, JPEG XL, GIF). Otherwise it is PNG for
images with alpha, and JPEG for others. An animated PNG stays a PNG, which shows its first frame; a warning says so. Choose
\`webp\` or \`gif\` to keep its frames.

### Not supported as output

- **BMP**: PNG is lossless too, and usually much smaller.
- **ICO**: browsers accept a PNG favicon, by \`<link rel="icon" type="image/png" href="…">\`. Make one with
  \`--thumbnail 48x48 --format png\`.
- **JPEG 2000**: browsers do not show it since Safari 18 dropped it. Use AVIF or WebP for the web. To keep every bit, up to 16
  per channel, use PNG, or TIFF with \`compression=deflate\`.`
}

function outputRow(type: string, { ext, alpha, animation, deep, cmyk }: FormatFacts, bytes?: number): string {
  const holds = [alpha, animation, deep, cmyk].map((can) => (can ? 'yes' : '–'))
  const size = bytes === undefined ? '' : toSize(bytes)
  return `| \`${type}\` | .${ext} | ${holds.join(' | ')} | ${size} |`
}

/** Formats bytes as kilobytes. */
export function toSize(bytes: number): string {
  const thousands = bytes / 1000
  return `${thousands < 10 ? thousands.toFixed(1) : Math.round(thousands)} KB`
}

/** Returns the table of the metadata that each setting keeps. */
export function metadataTable(kept: Readonly<Record<string, Kept>>): string {
  const rows = Object.entries(kept).map(([text, { profile, camera, copyright, position }]) => {
    const cells = [profile, camera, copyright, position].map((has) => (has ? 'kept' : '–'))
    return `| \`${text}\` | ${cells.join(' | ')} |`
  })
  return `Kept from \`phone.heic\`, a photo with all of these:

| \`metadata\` | colour profile | camera and date | author and copyright | GPS position |
| --- | --- | --- | --- | --- |
${rows.join('\n')}`
}
