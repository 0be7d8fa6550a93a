/**
 * Generates legal and damaged images, runs the built product over them, and judges every picture by two other decoders.
 *
 *   npm run torture -- DIR [--count 8000] [--seed 1] [--seeds FOLDER]... [--seconds N]
 *
 * Each input has to give a picture that at least one of two judges (see judges.ts) agrees with, or an ImgprocError other than
 * INTERNAL, without a crash, a hang, a leftover file, or a word of native code. Prints a table of outcomes. Inputs with a
 * fault are kept in DIR/faults, and listed in DIR/faults.txt. Exits with 1 if there are any.
 */
import { copyFile, appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createRandom } from '../bench/random.js'
import { faultsOfCommand } from './command-run.js'
import { below } from './damage.js'
import type { TortureInput } from './input.js'
import { generateInputs } from './inputs.js'
import { judgeFolder, isJudged, judgesOf, missingTools } from './judges.js'
import { readPam, type Pixels } from './pam.js'
import { makeSeeds } from './seeds.js'
import { SubjectProcess, type Outcome } from './subject-process.js'
import { Table } from './table.js'
import { FAULTS, verdictOnCalls, verdictOnPicture, type Verdict } from './verdict.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** Batches in work: while judges decode one, the library renders others. More than cores, since each step waits at its end. */
const LANES = availableParallelism() + 1
/** Inputs that one lane has on the disk. */
const BATCH = 200

/** The picture at its full size, its numbers as stored: comparable to decoders that apply neither profile nor orientation. */
const AS_STORED = [{ autoOrient: false }, { metadata: 'icc' }, { format: 'png' }]

/** The same with colours in sRGB, for files whose standard gives the value of each pixel. */
const IN_SRGB = [{ autoOrient: false }, { format: 'png' }]

/** Other recipes, one for each input: other code reads the file then. */
const RECIPES: readonly (readonly unknown[])[] = [
  [{ thumbnail: 20 }, { format: 'jpeg' }],
  [{ resize: '50%' }, { format: 'webp' }],
  [{ rotate: 30 }, { metadata: 'keep' }, { format: 'jpeg' }],
  [{ crop: '10x10' }, { blur: 1 }, { format: 'png' }],
  [{ trim: true }, { format: 'gif' }],
  [{ thumbnail: '16x16:fit=cover:position=attention' }, { metadata: 'keep' }, { format: 'png' }],
  [{ preview: 'embedded' }, { thumbnail: 24 }, { format: 'webp' }],
  [{ thumbnail: 24 }, { format: 'auto' }],
]

/** An input on the disk, and how its calls ended. */
interface Tried {
  readonly input: TortureInput
  readonly path: string
  readonly outcomes: readonly Outcome[]
  readonly ours: Pixels | undefined
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: 'string', default: '8000' },
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', multiple: true, default: [join(ROOT, 'fixtures')] },
      /** Stops after this time, at the end of a batch. */
      seconds: { type: 'string', default: '36000' },
    },
  })
  const [directory] = positionals
  if (directory === undefined) throw new Error('Name a folder for the faults: npm run torture -- DIR')
  const missing = await missingTools()
  if (missing.length > 0)
    throw new Error(`Not found: ${missing.join(', ')}. Install imagemagick, python3-pil and libavif-bin.`)
  const dir = resolve(directory)
  await mkdir(join(dir, 'faults'), { recursive: true })
  const work = await mkdtemp(join(dir, 'work-'))
  const seeds = await makeSeeds(join(ROOT, 'fixtures/photos/landscape.jpg'), values.seeds)
  const lanes = Array.from({ length: LANES }, (_, index) => {
    const folder = join(work, String(index))
    return { work: folder, subject: new SubjectProcess(join(folder, 'temp')) }
  })
  const table = new Table()
  const deadline = performance.now() + Number(values.seconds) * 1000
  let commandFaults = 0
  try {
    const inputs = generateInputs(seeds, { count: Number(values.count), seed: Number(values.seed) })
    const batches = inBatches(inputs)
    await Promise.all(
      lanes.map(async (lane) => {
        for (let next = await batches.next(); next.done !== true; next = await batches.next()) {
          const faults = await tryBatch(next.value, { dir, table, ...lane })
          commandFaults += faults
          if (performance.now() > deadline) break
        }
      }),
    )
  } finally {
    // Also of a run that ends before its time.
    console.log(table.toMarkdown())
    for (const { subject } of lanes) subject.stop()
    await rm(work, { recursive: true, force: true })
  }
  for (const line of await listFaults(dir)) console.log(line)
  console.log(`Faults: ${table.faults} inputs, ${commandFaults} of the command.`)
  if (table.faults + commandFaults > 0) process.exitCode = 1
}

const MAX_LISTED = 20
const MAX_LINE = 300

/** Returns the first faults, shortened. Disputed pictures are none. */
async function listFaults(dir: string): Promise<readonly string[]> {
  const text = await readFile(join(dir, 'faults.txt'), 'utf8').catch(() => '')
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('disputed'))
  return lines.slice(0, MAX_LISTED).map((line) => line.slice(0, MAX_LINE))
}

async function* inBatches(
  inputs: AsyncIterable<TortureInput>,
): AsyncGenerator<readonly TortureInput[], undefined> {
  let batch: TortureInput[] = []
  for await (const input of inputs) {
    if (batch.push(input) < BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
  return undefined
}

interface Setting {
  readonly dir: string
  readonly work: string
  readonly subject: SubjectProcess
  readonly table: Table
}

/** Runs a batch through the library, the judges and the command. Returns the number of faults of the command. */
async function tryBatch(
  batch: readonly TortureInput[],
  { dir, work, subject, table }: Setting,
): Promise<number> {
  const folder = join(work, 'inputs')
  for (const name of [folder, join(work, 'temp'), join(work, 'pixels')])
    await mkdir(name, { recursive: true })
  const tried: Tried[] = []
  for (const input of batch) tried.push(await tryInput(input, { folder, work, subject }))
  const judged = await judge(tried, work)
  for (const each of tried) {
    const verdict = verdictOn(each, judged)
    const { input, outcomes, path } = each
    table.add(input, verdict, {
      milliseconds: Math.max(...outcomes.map(({ milliseconds }) => milliseconds)),
      peakBytes: Math.max(...outcomes.map(({ peakBytes = 0 }) => peakBytes)),
      codes: outcomes.flatMap(({ error }) => error?.code ?? []),
    })
    if (!FAULTS.has(verdict) && verdict !== 'disputed') continue
    await copyFile(path, join(dir, 'faults', `${input.name}.${input.extension}`))
    await appendFile(
      join(dir, 'faults.txt'),
      `${verdict} ${input.name}.${input.extension} ${JSON.stringify(outcomes)}\n`,
    )
  }
  const faults = await faultsOfCommand(folder, batch.length, work)
  if (faults.length > 0) await appendFile(join(dir, 'faults.txt'), `${faults.join('\n')}\n`)
  await rm(folder, { recursive: true })
  return faults.length
}

async function tryInput(
  input: TortureInput,
  { folder, work, subject }: { folder: string; work: string; subject: SubjectProcess },
): Promise<Tried> {
  const path = join(folder, `${input.name}.${input.extension}`)
  await writeFile(path, input.bytes)
  const pixelsTo = join(work, 'pixels', `${input.name}.pam`)
  const first = await subject.call({
    path,
    ops: typeof input.expected === 'function' ? IN_SRGB : AS_STORED,
    pixelsTo,
  })
  const recipe = RECIPES[below(RECIPES.length, createRandom(input.bytes.length))]!
  const second = await subject.call({ path, ops: recipe })
  const ours = first.picture && readPam(await readFile(pixelsTo))
  await rm(pixelsTo, { force: true })
  return { input, path, outcomes: [first, second], ours }
}

/** Returns the pixels of each judge, by path. */
async function judge(
  tried: readonly Tried[],
  work: string,
): Promise<ReadonlyMap<string, readonly (Pixels | undefined)[]>> {
  const found = new Map<string, readonly (Pixels | undefined)[]>()
  const toJudge = tried.filter(
    ({ input, ours }) =>
      ours !== undefined && input.expected === undefined && isJudged(input.extension, input.bytes),
  )
  const extensions = [...new Set(toJudge.map(({ input }) => input.extension))]
  for (const extension of extensions) {
    const paths = toJudge.filter(({ input }) => input.extension === extension).map(({ path }) => path)
    const decoded = await Promise.all(
      judgesOf(extension).map(async (each) => each.decode(paths, await judgeFolder(work, each))),
    )
    for (const path of paths)
      found.set(
        path,
        decoded.map((pictures) => pictures.get(path)),
      )
  }
  return found
}

function verdictOn(
  { input, path, outcomes, ours }: Tried,
  judged: Awaited<ReturnType<typeof judge>>,
): Verdict {
  const early = verdictOnCalls(input, outcomes)
  if (early !== undefined || ours === undefined) return early ?? 'error'
  const pictures = judged.get(path) ?? [undefined, undefined]
  const verdict = verdictOnPicture(input, ours, pictures)
  // Judges show the numbers of a file as they are, also where its profile is damaged.
  return verdict === 'WRONG' && outcomes[0]?.picture?.isConverted === true ? 'not judged' : verdict
}

await main()
