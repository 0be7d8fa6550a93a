/**
 * Measures what `quality: 'auto'` saves: every photo at 1,600 pixels with quality 80, then with `auto` at the target that
 * gives the same mean similarity. Prints a Markdown table.
 *
 *   npm run bench:quality -- [DIR] [jpeg,webp,avif]
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { createSimilarityMeter } from '../src/render/encode/ssim.js'
import { transform, type ImageOp } from '../src/index.js'

const FIT: ImageOp = { resize: { width: 1600, height: 1600, fit: 'inside' } }

/** Attempts to reach the same mean similarity. */
const ROUNDS = 4

type FormatType = 'jpeg' | 'webp' | 'avif'

/** Totals of the renditions of all photos in one format. */
interface Total {
  readonly bytes: number
  /** Mean similarity (SSIM). */
  readonly similarity: number
  readonly qualities: readonly number[]
}

async function main(): Promise<void> {
  const photos = await readPhotos(process.argv[2] ?? '../shared/photos')
  console.log(`| format | quality 80 | mean similarity | auto | mean similarity | saved | qualities |`)
  console.log('| --- | --- | --- | --- | --- | --- | --- |')
  const [, , , only = 'jpeg,webp,avif'] = process.argv
  for (const type of only.split(',') as FormatType[]) {
    const fixed = await total(photos, { format: { type, quality: 80 } })
    const auto = await autoLike(photos, type, fixed)
    const saved = `${(100 - (100 * auto.bytes) / fixed.bytes).toFixed(1)} %`
    const range = `${Math.min(...auto.qualities)} to ${Math.max(...auto.qualities)}`
    const cells = [type, ...describe(fixed), ...describe(auto), saved, range]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

/** Reads the photos below a folder at 1,600 pixels. Unreadable ones are skipped. */
async function readPhotos(folder: string): Promise<Buffer[]> {
  const names = await readdir(folder, { recursive: true })
  const photos: Buffer[] = []
  for (const name of names.filter((each) => /\.(?:jpe?g|heic)$/i.test(each)).toSorted()) {
    const { data } = await transform(join(folder, name), [FIT, { format: 'png:compressionLevel=1' }]).catch(
      () => ({
        data: undefined,
      }),
    )
    if (data !== undefined) photos.push(data)
  }
  return photos
}

/** Encodes with `quality: 'auto'`, and adjusts the target until the mean similarity equals that of the others. */
async function autoLike(photos: readonly Buffer[], type: FormatType, { similarity }: Total): Promise<Total> {
  let target = similarity
  for (let round = 1; ; round++) {
    const auto = await total(photos, { format: { type, quality: 'auto', similarity: target } })
    const missing = similarity - auto.similarity
    if (missing < 0.000_05 || round === ROUNDS) return auto
    target += missing
  }
}

async function total(photos: readonly Buffer[], format: ImageOp): Promise<Total> {
  let bytes = 0
  let similarity = 0
  const qualities: number[] = []
  for (const photo of photos) {
    const { data, info } = await transform(photo, [format])
    const meter = await createSimilarityMeter(sharp(photo))
    bytes += data.length
    similarity += (await meter(data)) / photos.length
    qualities.push(info.quality ?? 80)
  }
  return { bytes, similarity, qualities }
}

function describe({ bytes, similarity }: Total): [string, string] {
  return [`${(bytes / 1000).toFixed(0)} KB`, similarity.toFixed(4)]
}

await main()
