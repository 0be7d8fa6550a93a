/**
 * Measures cold and warm builds of Vite and Eleventy with our plugins, relative to those with vite-imagetools and
 * eleventy-img. All build the same page: each photo in three widths as WebP and JPEG. Both are installed into the work
 * folder, in the newest versions that run on this version of Node.js.
 *
 *   npm run bench:build-tools -- [--rounds 3] [--images 60] [--only vite,eleventy] [--work DIR]
 *
 * Exits with 1 if a requirement is not met.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createCorpus } from '../corpus.js'
import { OUTPUTS, writeEleventySites, writePhotos, writeViteSites, type Site } from './sites.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MAJOR = Number.parseInt(process.versions.node, 10)
const PEERS =
  MAJOR >= 22
    ? { 'vite-imagetools': '12.0.1', '@11ty/eleventy-img': '7.0.0' }
    : { 'vite-imagetools': '9.0.3', '@11ty/eleventy-img': '6.0.4' }
const PACKAGES = { vite: '8.3.8', '@11ty/eleventy': '3.1.8', ...PEERS }

/** Least times that a build of ours is faster. */
const WANTED = { cold: 1.5, warm: 1 }

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    images: { type: 'string', default: '60' },
    only: { type: 'string', default: 'vite,eleventy' },
    work: { type: 'string', default: join(tmpdir(), 'imgproc-bench') },
  },
})
const [rounds, count] = [Number(values.rounds), Number(values.images)]

const corpus = await createCorpus({ work: values.work, quick: false })
const work = join(values.work, `build-tools-node-${MAJOR}`)
await rm(join(work, 'sites'), { recursive: true, force: true })
await install()
const photos = await writePhotos(corpus, join(work, 'sites/photos'), count)
const place = { work: join(work, 'sites'), modules: join(work, 'node_modules'), photos }
console.log(
  `Node.js ${process.versions.node}, ${count} photos, ${OUTPUTS} outputs each; ${Object.entries(PACKAGES)
    .map((one) => one.join(' '))
    .join(', ')}`,
)
if (values.only.includes('vite')) await compare('Vite', await writeViteSites(place))
if (values.only.includes('eleventy')) await compare('Eleventy', await writeEleventySites(place))

async function install(): Promise<void> {
  await mkdir(work, { recursive: true })
  await rm(join(work, 'node_modules/imgproc'), { force: true })
  await writeFile(join(work, 'package.json'), JSON.stringify({ private: true, dependencies: PACKAGES }))
  const child = spawn('npm', ['install', '--no-audit', '--no-fund', '--silent'], {
    cwd: work,
    stdio: 'inherit',
  })
  const [code] = (await once(child, 'exit')) as [number]
  if (code !== 0) throw new Error('the packages of the bench could not be installed')
  await symlink(ROOT, join(work, 'node_modules/imgproc'))
}

/** Builds all sites in each round, cold and warm. The first one changes from round to round. */
async function compare(tool: string, [own, peer]: readonly Site[]): Promise<void> {
  if (own === undefined || peer === undefined) return
  const ratios = { cold: [] as number[], warm: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    const times = new Map<Site, { cold: number; warm: number }>()
    for (const site of round % 2 === 0 ? [own, peer] : [peer, own]) {
      for (const name of site.left) await rm(join(site.folder, name), { recursive: true, force: true })
      const cold = await time(site)
      times.set(site, { cold, warm: await time(site) })
    }
    const [ours, theirs] = [times.get(own)!, times.get(peer)!]
    const show = (one: typeof ours) => `${one.cold.toFixed(1)} s cold, ${one.warm.toFixed(2)} s warm`
    console.log(`  ${tool}: ${own.name} ${show(ours)}; ${peer.name} ${show(theirs)}`)
    ratios.cold.push(theirs.cold / ours.cold)
    ratios.warm.push(theirs.warm / ours.warm)
  }
  for (const kind of ['cold', 'warm'] as const)
    report(`${kind} build of ${tool}, relative to ${peer.name}`, ratios[kind], WANTED[kind])
}

/** Returns the seconds of a build, after a look at its outputs. */
async function time({ folder, build, images, name }: Site): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, [...build], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(child, 'exit')) as [number]
  const seconds = (performance.now() - started) / 1000
  if (code !== 0) throw new Error(`the build with ${name} ended with ${code}`)
  const files = await readdir(join(folder, images), { recursive: true })
  const made = files.filter((file) => ['.webp', '.jpg', '.jpeg'].includes(extname(file))).length
  if (made !== count * OUTPUTS) throw new Error(`the build with ${name} has ${made} outputs`)
  return seconds
}

function report(what: string, measured: readonly number[], wanted: number): void {
  const sorted = measured.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  const [least, most] = [sorted[0] ?? 0, sorted.at(-1) ?? 0]
  console.log(`${what}: ${median.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)}), wanted ${wanted}`)
  if (median < wanted) process.exitCode = 1
}
