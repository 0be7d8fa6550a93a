import { FORMATS, type FormatFacts } from '../src/image/formats.js'
import { COMPARED, type Facts, type Kept } from './picture-facts.js'

/** What is read, with a photo that shows it: a test reads each. */
export const INPUTS = [
  ['JPEG', 'landscape.jpg', 'baseline and progressive, grey and CMYK too'],
  ['PNG', 'deep.png', '8 and 16 bits a channel, palettes'],
  ['WebP', 'animated.webp', 'stills and animations'],
  ['GIF', 'animated.gif', 'stills and animations'],
  ['AVIF', 'photo.avif', 'stills'],
  ['TIFF', 'scan.tiff', 'the first page'],
  ['SVG', 'drawing.svg', 'drawn as pixels'],
  ['HEIC', 'phone.heic', 'photos of phones; by `heic-decode`, which is installed along'],
] as const

/** The section on formats: what is read, what is written, and what is not. */
export function formatsSection({ formats }: Facts): string {
  const inputs = INPUTS.map(([name, , what]) => `| ${name} | ${what} |`)
  const outputs = Object.entries(FORMATS).map(([type, facts]) => outputRow(type, facts, formats[type]))
  return `## Formats

### What is read

A file's content decides, not its name.

| format | what of it |
| --- | --- |
${inputs.join('\n')}

### What is written

| \`format\` | extension | alpha | animation | over 8 bits a channel | CMYK | one photo |
| --- | --- | --- | --- | --- | --- | --- |
${outputs.join('\n')}

\`one photo\` is \`${COMPARED.photo}\` at 640x480 with each encoder's defaults.

What a format can't hold is settled on the way: alpha is put on white, an animation gives its first frame, and 16 bits
become 8, or 12 in AVIF. CMYK becomes sRGB, unless the format holds it and \`metadata\` keeps the profile. A GIF has at most
256 colours a frame, and each of its pixels is either there or not.

Without \`format\` an output keeps its source's where a browser shows it (JPEG, PNG, WebP, AVIF, GIF); otherwise it is PNG
where there is alpha, and JPEG where there is none.

### What is not written

- **BMP**: PNG holds the same pixels, loses nothing either, and is far smaller as a rule.
- **ICO**: browsers take a PNG as a favicon, by \`<link rel="icon" type="image/png" href="…">\`. Make one with
  \`--thumbnail 48x48 --format png\`.
- **JPEG 2000**: no browser shows it since Safari 18 dropped it. For the web there are AVIF and WebP; to keep every bit,
  16 of them too, PNG, or TIFF with \`compression=deflate\`.`
}

function outputRow(type: string, { ext, alpha, animation, deep, cmyk }: FormatFacts, bytes?: number): string {
  const holds = [alpha, animation, deep, cmyk].map((can) => (can ? 'yes' : '–'))
  const size = bytes === undefined ? '' : toSize(bytes)
  return `| \`${type}\` | .${ext} | ${holds.join(' | ')} | ${size} |`
}

/** Bytes as people say them. */
export function toSize(bytes: number): string {
  const thousands = bytes / 1000
  return `${thousands < 10 ? thousands.toFixed(1) : Math.round(thousands)} KB`
}

/** What is left of a photo that has everything. */
export function metadataTable(kept: Readonly<Record<string, Kept>>): string {
  const rows = Object.entries(kept).map(([text, { profile, camera, copyright, position }]) => {
    const cells = [profile, camera, copyright, position].map((has) => (has ? 'kept' : '–'))
    return `| \`${text}\` | ${cells.join(' | ')} |`
  })
  return `What it leaves of \`phone.heic\`, a photo with all of these:

| \`metadata\` | colour profile | camera and date | author and copyright | position |
| --- | --- | --- | --- | --- |
${rows.join('\n')}`
}
