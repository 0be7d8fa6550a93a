// A loop as an experienced user of sharp writes it: one call per output, a few at once. A peer of `npm run bench`.
//
//   node bare-sharp.mjs '{ "out": …, "atOnce": 3, "outputs": [{ "suffix": …, "resize": …, "format": … }] }' FILE…
import { basename, extname, join } from 'node:path'
import sharp from 'sharp'

const [spec = '{}', ...files] = process.argv.slice(2)
const { out, atOnce, outputs } = JSON.parse(spec)
const tasks = files.flatMap((file) => outputs.map((output) => ({ file, ...output }))).values()

async function work() {
  for (const { file, suffix = '', resize, format } of tasks) {
    const extension = format === undefined ? extname(file) : `.${format}`
    const target = join(out, `${basename(file, extname(file))}${suffix}${extension}`)
    await sharp(file).autoOrient().resize(resize).toFile(target)
  }
}

await Promise.all(Array.from({ length: atOnce }, work))
