/**
 * Measures where the time of a thumbnail goes: CPU milliseconds of each step, one after the other over a dozen images, and
 * of one more image in a run. The difference is planning, the journal, the manifest, and the JavaScript between the steps.
 * Prints a Markdown table.
 *
 *   npm run bench:steps -- [--photos DIR] [--work DIR]
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { createBuffers } from '../src/image/buffer-pool.js'
import { encodeRendition } from '../src/render/render-rendition.js'
import { sha256 } from '../src/utils/sha256.js'
import { openImage } from '../src/image/open-image.js'
import { withDefaults } from '../src/image/limits.js'
import { fastCodec } from '../src/decoders/index.js'
import { run, type ImageOp } from '../src/index.js'
import { createFileStore } from '../src/stores/file/store.js'
import { createCorpus, type Corpus, type Kind, type PhotoSet } from './corpus.js'
import { makeFolder, spreadOf } from './measure.js'

const KINDS = ['baseline', 'progressive', 'small'] as const
const OPS: readonly ImageOp[] = [{ thumbnail: '100x100' }]
/** Images in a long run. A short one has a dozen. */
const IMAGES = 120
const ROUNDS = 9

/** CPU milliseconds per image, by step. */
type Costs = ReadonlyMap<string, number>

async function main(): Promise<void> {
  const work = join(tmpdir(), 'imgproc-bench')
  const { values } = parseArgs({
    options: { photos: { type: 'string' }, work: { type: 'string', default: work } },
  })
  // As the command line does.
  sharp.cache(false)
  await mkdir(values.work, { recursive: true })
  const corpus = await createCorpus({ work: values.work, photos: values.photos, quick: false })
  const out = await mkdtemp(join(values.work, 'out-'))
  try {
    const columns: Costs[] = []
    for (const kind of KINDS) {
      const steps = await measureSteps(await corpus.take(kind), out)
      const whole = await measureRun(corpus, kind, out)
      const sum = [...steps.values()].reduce((total, cost) => total + cost, 0)
      columns.push(
        new Map([...steps, ['plan, journal and manifest', whole - sum], ['**all of a run**', whole]]),
      )
    }
    console.log(writeTable(columns))
  } finally {
    await rm(out, { recursive: true, force: true })
  }
}

/** Measures every step of a job on its own. */
async function measureSteps({ files }: PhotoSet, out: string): Promise<Costs> {
  const store = createFileStore({ cwd: out })
  const { take, give } = createBuffers()
  const read = (file: string) => store.read(file, { allocate: take })
  const bytes = await Promise.all(files.map((file) => store.read(file)))
  const options = { limits: withDefaults(), failOn: 'error', fastCodec } as const
  const images = await Promise.all(bytes.map((each) => openImage(each, options)))
  const made = await Promise.all(images.map((image) => encodeRendition(image, OPS)))
  let written = 0
  // Replacing a file costs more, since the disk has to free the old one. So each output is a new file.
  const write = (at: number) =>
    store.write(join(out, `${written++}-${basename(files[at]!)}`), made[at]!.data, {
      contentType: 'image/jpeg',
    })
  const all = (step: (index: number) => unknown) => measure(files.length, step)
  return new Map([
    ['read the file', await all(async (at) => give(await read(files[at]!)))],
    ['hash it (SHA-256)', await all((at) => sha256(bytes[at]!))],
    ['read its header', await all((at) => openImage(bytes[at]!, options))],
    ['decode, scale and encode it', await all((at) => encodeRendition(images[at]!, OPS))],
    ['write the output', await all((at) => write(at))],
  ])
}

/** Measures what one more image adds to a run. The fixed cost of a run cancels out. */
async function measureRun(corpus: Corpus, kind: Kind, out: string): Promise<number> {
  const [few, many] = await Promise.all([corpus.take(kind), corpus.take(kind, IMAGES)])
  const costs = [await count(() => runOver(few, out)), await count(() => runOver(many, out))] as const
  return (costs[1] - costs[0]) / (many.files.length - few.files.length)
}

async function runOver({ folder }: PhotoSet, out: string): Promise<void> {
  // One at a time, like the steps: two threads of one core slow each other down.
  const batch = run({ inputs: [folder], preset: 'thumb', out: await makeFolder(out), concurrency: 1 })
  for await (const { status, job } of batch) if (status !== 'ready') throw new Error(`${job.path} failed`)
}

function measure(pictures: number, step: (index: number) => unknown): Promise<number> {
  const all = async () => {
    for (let index = 0; index < pictures; index++) await step(index)
  }
  return count(all).then((milliseconds) => milliseconds / pictures)
}

/** Returns the CPU milliseconds of all threads of the process: the median of the rounds after a warm-up. */
async function count(work: () => Promise<void>): Promise<number> {
  await work()
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    rounds.push((user + system) / 1000)
  }
  return spreadOf(rounds).median
}

function writeTable(columns: readonly Costs[]): string {
  const rows = [...(columns[0]?.keys() ?? [])].map((step) =>
    [step, ...columns.map((costs) => (costs.get(step) ?? 0).toFixed(2))].join(' | '),
  )
  const head = ['', ...KINDS].join(' | ')
  return [head, head.replaceAll(/[^|]+|^/g, ' --- '), ...rows].map((row) => `| ${row} |`).join('\n')
}

await main()
