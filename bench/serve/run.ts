/**
 * Measures `imgproc serve` beside ipx on the same sharp: requests a second over eight connections, in turn, and the peak
 * memory of both.
 *
 *   npm run bench:serve -- [--rounds 5] [--seconds 5] [--only small,cached] [--work DIR]
 *
 * Exits with 1 if a requirement is not met.
 */
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { createCorpus, type Kind } from '../corpus.js'
import { weighTree } from '../memory.js'
import { installPackages, startImgproc, startIpx, type Server } from './servers.js'

const LOAD = fileURLToPath(new URL('load.mjs', import.meta.url))

/** Requests of one kind, and the ratio that is wanted. */
interface Scenario {
  readonly name: string
  readonly title: string
  readonly kind: Kind
  readonly images: number
  /** Query of imgproc, and modifiers of ipx. */
  readonly query: string
  readonly modifiers: string
  readonly wanted: number
  /** `cached`: results may be kept. `304`: the client has them already. @default each request makes its picture */
  readonly mode?: 'cached' | '304'
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'small',
    title: '640x480 to 200 px',
    kind: 'small',
    images: 400,
    query: 'resize=200',
    modifiers: 'w_200',
    wanted: 2,
  },
  {
    name: 'large',
    title: '12 MP to 400 px',
    kind: 'large',
    images: 24,
    query: 'resize=400',
    modifiers: 'w_400',
    wanted: 1.5,
  },
  {
    name: 'webp',
    title: '12 MP to WebP of 800 px',
    kind: 'large',
    images: 24,
    query: 'resize=800&format=webp',
    modifiers: 'w_800,f_webp',
    wanted: 1.1,
  },
  {
    name: 'cached',
    title: 'the same again, 640x480 to 200 px',
    kind: 'small',
    images: 100,
    query: 'resize=200',
    modifiers: 'w_200',
    wanted: 3,
    mode: 'cached',
  },
  {
    name: '304',
    title: 'the client has it (304)',
    kind: 'small',
    images: 1,
    query: 'resize=200',
    modifiers: 'w_200',
    wanted: 3,
    mode: '304',
  },
]

/** One of the two servers in a scenario. */
interface Side {
  readonly name: string
  readonly server: Server
  readonly paths: readonly string[]
  readonly perSecond: number[]
  /** Peak in megabytes. */
  peak: number
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    only: { type: 'string' },
    work: { type: 'string', default: join(tmpdir(), 'imgproc-bench') },
  },
})
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)]
const packages = await installPackages(values.work)
const corpus = await createCorpus({ work: values.work, quick: false })
console.log('| requests | imgproc | ipx | ratio | wanted | memory, MB |')
console.log('| --- | --: | --: | --: | --: | --: |')
for (const scenario of SCENARIOS)
  if (values.only?.split(',').includes(scenario.name) !== false) await measure(scenario)

/** Measures a scenario and prints its row. */
async function measure(scenario: Scenario): Promise<void> {
  const { title, kind, images, query, modifiers, wanted, mode } = scenario
  const { folder, files } = await corpus.take(kind, images)
  const names = files.map((file) => basename(file))
  const ours = await startImgproc(folder, values.work, mode !== undefined)
  const theirs = await startIpx(folder, packages)
  const sides: Side[] = [
    {
      name: 'imgproc',
      server: ours,
      paths: names.map((name) => `/photos/${name}?${query}`),
      perSecond: [],
      peak: 0,
    },
    {
      name: 'ipx',
      server: theirs,
      paths: names.map((name) => `/${modifiers}/${name}`),
      perSecond: [],
      peak: 0,
    },
  ]
  try {
    for (const side of sides) await load(side, scenario, 1)
    for (let round = 0; round < rounds; round++)
      for (const side of sides) side.perSecond.push(await load(side, scenario, seconds))
  } finally {
    await Promise.all([ours.stop(), theirs.stop()])
  }
  const [a, b] = sides as [Side, Side]
  const ratio = median(a.perSecond.map((value, round) => value / (b.perSecond[round] ?? NaN)))
  const speeds = sides.map((side) => median(side.perSecond).toFixed(0)).join(' | ')
  const memory = `${a.peak.toFixed(0)} / ${b.peak.toFixed(0)}`
  console.log(`| ${title} | ${speeds} | ${ratio.toFixed(2)} | ${wanted} | ${memory} |`)
  if (ratio < wanted || a.peak > b.peak) process.exitCode = 1
}

/** Sends requests for some seconds; returns the answers a second. */
async function load(side: Side, { mode }: Scenario, duration: number): Promise<number> {
  const { url, pid } = side.server
  const [first = ''] = side.paths
  const status = mode === '304' ? '304' : '200'
  const headers: Record<string, string> = {}
  if (mode === '304') headers['if-none-match'] = (await fetch(url + first)).headers.get('etag') ?? ''
  const spec = { url, paths: side.paths, headers, seconds: duration }
  const sampling = setInterval(() => {
    void weighTree([pid]).then((kilobytes) => (side.peak = Math.max(side.peak, kilobytes / 1000)))
  }, 200)
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [
      LOAD,
      packages.autocannon,
      JSON.stringify(spec),
    ])
    const { perSecond, errors, statuses } = JSON.parse(stdout) as {
      perSecond: number
      errors: number
      statuses: Record<string, unknown>
    }
    if (errors > 0 || Object.keys(statuses).some((other) => other !== status))
      throw new Error(
        `${side.name}: ${errors} errors, statuses ${Object.keys(statuses).join(', ')}, not ${status}`,
      )
    return perSecond
  } finally {
    clearInterval(sampling)
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
