import { checkRatio, scaleCount, type Bench, type Check, type Workload } from '../bench.js'
import type { Kind } from '../corpus.js'
import type { Series } from '../measure.js'
import { sendLoad, type LoadOptions } from '../serve/send-load.js'
import { installPackages, startImgproc, startIpx, type Packages, type Server } from '../serve/servers.js'

/** Requests whose time a row tells. */
const REQUESTS = 1000
/** Seconds of requests in a round; one if only a share of the images is wanted. */
const SECONDS = 5

/** Requests of one kind, and the ratio that is wanted. */
interface Scenario {
  readonly id: string
  readonly title: string
  readonly kind: Kind
  readonly images: number
  /** Query of imgproc, and modifiers of ipx. */
  readonly query: string
  readonly modifiers: string
  readonly wanted: number
  /** `cached`: results may be kept. `304`: the client has them already. @default each request makes its picture */
  readonly mode?: LoadOptions['mode']
}

const SMALL = { kind: 'small', query: 'resize=200', modifiers: 'w_200' } as const
const SCENARIOS: readonly Scenario[] = [
  { id: '16a', title: '640x480 to 200 px over HTTP', ...SMALL, images: 400, wanted: 2 },
  {
    id: '16b',
    title: '12 MP to 400 px over HTTP',
    kind: 'large',
    images: 24,
    query: 'resize=400',
    modifiers: 'w_400',
    wanted: 1.5,
  },
  {
    id: '16c',
    title: '12 MP to WebP of 800 px over HTTP',
    kind: 'large',
    images: 24,
    query: 'resize=800&format=webp',
    modifiers: 'w_800,f_webp',
    wanted: 1.1,
  },
  {
    id: '16d',
    title: 'results that are cached, over HTTP',
    ...SMALL,
    images: 100,
    wanted: 3,
    mode: 'cached',
  },
  { id: '16e', title: 'a client that has them (304)', ...SMALL, images: 1, wanted: 3, mode: '304' },
]

/** `imgproc serve` beside ipx on the same sharp, in turn, over eight connections. */
export const serve: readonly Workload[] = SCENARIOS.map((scenario) => ({
  id: scenario.id,
  title: scenario.title,
  async measure(bench) {
    const packages = await installPackages(bench.work, bench.share === 1)
    if (packages === undefined)
      return {
        images: 0,
        series: [],
        checks: [],
        notes: ['ipx is missing: npm installs it, but not for a share'],
      }
    return measureServers(bench, scenario, packages)
  },
}))

/** One of the two servers. */
interface Side {
  readonly name: string
  readonly role: Series['role']
  readonly server: Server
  readonly paths: readonly string[]
  readonly seconds: number[]
  readonly cpu: number[]
  /** Peak in megabytes. */
  peak: number
}

async function measureServers(bench: Bench, scenario: Scenario, packages: Packages) {
  const { kind, images, query, modifiers, wanted, mode } = scenario
  const { folder, files } = await bench.corpus.take(kind, images === 1 ? 1 : scaleCount(bench, images))
  const names = files.map((file) => file.slice(folder.length + 1))
  const ours = createSide(
    'imgproc',
    'ours',
    await startImgproc(bench.imgproc, folder, bench.work, mode !== undefined),
    names.map((name) => `/photos/${name}?${query}`),
  )
  const theirs = createSide(
    'ipx',
    'peer',
    await startIpx(folder, packages),
    names.map((name) => `/${modifiers}/${name}`),
  )
  const sides = [ours, theirs]
  const isShort = bench.share < 1
  try {
    for (const side of sides) await load(side, packages, mode, 1)
    for (let round = 0; round < bench.rounds; round++)
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
        const { perSecond, cpu } = await load(side, packages, mode, isShort ? 1 : SECONDS)
        side.seconds.push(REQUESTS / perSecond)
        side.cpu.push(cpu * REQUESTS)
      }
  } finally {
    await Promise.all(sides.map(({ server }) => server.stop()))
  }
  const checks = [...checkRatio(sides, theirs, 'ipx', wanted), checkMemory(ours, theirs)]
  return { images: REQUESTS, series: sides, checks, notes: [] }
}

function createSide(name: string, role: Side['role'], server: Server, paths: readonly string[]): Side {
  return { name, role, server, paths, seconds: [], cpu: [], peak: 0 }
}

async function load(side: Side, packages: Packages, mode: LoadOptions['mode'], seconds: number) {
  const { server, paths, name } = side
  const result = await sendLoad(packages.autocannon, { server, paths, name, mode, seconds })
  side.peak = Math.max(side.peak, result.peak)
  return result
}

function checkMemory(ours: Side, theirs: Side): Check {
  return {
    what: 'peak memory, MB',
    wanted: `at most ${theirs.peak.toFixed(0)}, that of ipx`,
    measured: ours.peak.toFixed(0),
    holds: ours.peak <= theirs.peak,
    needsMany: true,
  }
}
