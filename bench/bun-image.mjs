// A loop over Bun.Image, four images at once. Runs with Bun. A peer of `npm run bench`.
//
//   bun bun-image.mjs '{ "out": …, "size": 100, "format": "webp" }' FILE…
import { basename, extname, join } from 'node:path'

const [spec = '{}', ...files] = process.argv.slice(2)
const { out, size, format } = JSON.parse(spec)
const queue = files.values()

async function work() {
  for (const file of queue) {
    const extension = format === undefined ? extname(file) : `.${format}`
    const image = Bun.file(file).image().resize(size, size, { fit: 'inside', withoutEnlargement: true })
    const encoded = extension === '.png' ? image.png() : encode(image, format)
    await encoded.write(join(out, `${basename(file, extname(file))}${extension}`))
  }
}

function encode(image, as = 'jpeg') {
  return as === 'webp' ? image.webp({ quality: 80 }) : image.jpeg({ quality: 80 })
}

await Promise.all(Array.from({ length: 4 }, work))
