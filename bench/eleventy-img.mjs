// Thumbnails with eleventy-img: its public API, with its defaults for everything that is not set here. A peer of
// `npm run bench`.
//
//   node eleventy-img.mjs FOLDER_OF_THE_PACKAGE '{ "out": …, "width": 100, "quality": 80 }' FILE…
//
// eleventy-img takes widths, not a box. An image in portrait format becomes 100x133 instead of 75x100, so that it has
// more pixels to resize and encode than the other tools.
import { createRequire } from 'node:module'
import { basename, extname } from 'node:path'

const [folder, spec, ...files] = process.argv.slice(2)
const { out, width, quality } = JSON.parse(spec)
const image = createRequire(import.meta.url)(folder)

const options = {
  widths: [width],
  formats: ['auto'],
  outputDir: out,
  sharpJpegOptions: { quality },
  // Its default name is a hash of the content. The files are links to a dozen images, which would share their outputs.
  filenameFormat: (_hash, source, _width, format) => `${basename(source, extname(source))}.${format}`,
}

// It has a queue of its own, which runs 8 to 16 images at once.
await Promise.all(files.map((file) => image(file, options)))
