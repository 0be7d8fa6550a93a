import { readdir } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import sharp from 'sharp'
import {
  callImgproc,
  checkAgainstPeers,
  scaleCount,
  type Bench,
  type Check,
  type Workload,
} from '../bench.js'
import type { PhotoSet } from '../corpus.js'
import { race, runOnce, type Contender } from '../measure.js'
import { loopSharp, type BareOutput } from '../peers.js'
import { decode, meanOf, measureDistance, measureSimilarity, type Pixels } from '../pixels.js'

const WIDTHS = [320, 640, 960, 1280, 1920]
const FORMATS = ['webp', 'jpeg'] as const
/** Differences in levels and in SSIM that count as rounding. */
const ROUNDING = { mean: 0.01, similarity: 0.0002 }
/** Images that are compared with their full decode. Each takes ten seconds. */
const COMPARED = 2

export const widths: Workload = {
  id: '4',
  title: 'JPEG of 12 MP to 5 widths, each as WebP and JPEG',
  async measure(bench) {
    const set = await bench.corpus.take('large', scaleCount(bench, 12))
    const warmUp = await bench.corpus.take('large', 1)
    const [ours, bare] = [makeWidths(bench), bareWidths()]
    const outputs = WIDTHS.length * FORMATS.length
    const { series, notes } = await race([ours, bare], { ...bench, set, warmUp, outputs })
    const checks = [...checkAgainstPeers(series, 1.4), ...(await checkDistances(bench, [ours, bare], warmUp))]
    return { images: set.files.length, series, checks, notes }
  },
}

function makeWidths(bench: Bench): Contender {
  const made = ['--widths', WIDTHS.join(','), '--formats', FORMATS.join(',')]
  return {
    name: 'imgproc',
    role: 'ours',
    commands: ({ folder }, out) => [
      callImgproc(bench, ['run', folder, '-o', out, ...made, '--path', '{name}-{width}.{ext}']),
    ],
  }
}

function bareWidths(): Contender {
  const outputs = WIDTHS.flatMap((width) =>
    FORMATS.map((format): BareOutput => ({
      suffix: `-${width}`,
      resize: { width, withoutEnlargement: true },
      format: format === 'jpeg' ? 'jpg' : format,
    })),
  )
  return {
    name: 'one sharp call per output',
    role: 'peer',
    commands: ({ files }, out) => [loopSharp(files, out, outputs)],
  }
}

/** Requires that imgproc is at least as close to a full decode, resized, as plain calls of sharp. */
async function checkDistances(
  bench: Bench,
  both: readonly Contender[],
  { folder, files }: PhotoSet,
): Promise<Check[]> {
  const set = { folder, files: files.slice(0, COMPARED) }
  const [ours, bare] = await Promise.all(
    both.map(async (contender) => {
      const made = await runOnce(contender, set, bench.out, WIDTHS.length * FORMATS.length)
      return measureFrom(set.files, made.folder)
    }),
  )
  if (ours === undefined || bare === undefined) return []
  return [
    {
      what: 'mean difference from the full decode, in levels',
      wanted: `at most plain sharp's ${bare.mean.toFixed(3)}`,
      measured: ours.mean.toFixed(3),
      holds: ours.mean <= bare.mean + ROUNDING.mean,
    },
    {
      what: 'SSIM with the full decode',
      wanted: `at least plain sharp's ${bare.similarity.toFixed(4)}`,
      measured: ours.similarity.toFixed(4),
      holds: ours.similarity >= bare.similarity - ROUNDING.similarity,
    },
  ]
}

/** Returns the mean difference and similarity of outputs to the full decode, resized. */
async function measureFrom(files: readonly string[], out: string) {
  const names = await readdir(out, { recursive: true })
  const means: number[] = []
  const similarities: number[] = []
  for (const file of files) {
    // Decoded in a separate step: otherwise sharp would use shrink-on-load here too.
    const full = await decode(sharp(file).autoOrient())
    const stem = `${basename(file, extname(file))}-`
    for (const name of names.filter((each) => basename(each).startsWith(stem))) {
      if (!/\.(?:webp|jpe?g)$/.test(name)) continue
      const made = await decode(sharp(join(out, name)))
      const reference = await resizeTo(full, made)
      means.push(measureDistance(made, reference).mean)
      similarities.push(await measureSimilarity(made, reference))
    }
  }
  return { mean: meanOf(means), similarity: meanOf(similarities) }
}

function resizeTo({ data, info }: Pixels, { info: { width, height } }: Pixels): Promise<Pixels> {
  return decode(sharp(data, { raw: info }).resize(width, height, { fit: 'fill' }))
}
