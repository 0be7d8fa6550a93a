import { readFile, rm, utimes } from 'node:fs/promises'
import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { run } from '../../src/run/run.js'
import { plan } from '../../src/run/plan-run.js'
import { openProject, type Project } from '../support/project.js'

/** A change between two runs: its kind, the index of a source, and a seed. */
type Change = readonly [
  kind: 'edit' | 'touch' | 'delete' | 'lose' | 'overwrite' | 'preset' | 'forget',
  number,
  number,
]

const SOURCES = ['photos/a.jpg', 'photos/b.png', 'photos/sub/c.jpg']
const KINDS = ['edit', 'touch', 'delete', 'lose', 'overwrite', 'preset', 'forget'] as const

const changes = fc.array(
  fc.tuple(fc.constantFrom(...KINDS), fc.nat({ max: 2 }), fc.integer({ min: 1, max: 6 })),
  { minLength: 1, maxLength: 4 },
)

/** Returns a run's options; the version changes its presets. */
function optionsOf(version: number, out: string) {
  const presets = {
    small: { ops: [{ thumbnail: 8 + version }], skipSmaller: version % 2 === 0 },
    wide: { ops: [], widths: [4 * version, 24, 30 - version], formats: ['webp' as const] },
  }
  return { inputs: ['photos'], preset: ['small', 'wide'], presets, out, allowEmpty: true, concurrency: 1 }
}

async function paint(project: Project, name: string, seed: number): Promise<void> {
  const size = { width: 6 + seed * 4, height: 10 }
  const picture = sharp({ create: { ...size, channels: 3, background: { r: seed * 40, g: 90, b: 9 } } })
  await project.write(name, await (name.endsWith('png') ? picture.png() : picture.jpeg()).toBuffer())
}

async function applyChange(project: Project, [kind, index, seed]: Change, now: number): Promise<void> {
  const name = SOURCES[index] ?? ''
  const exists = (await project.files()).includes(name)
  const outputs = (await project.files('out')).filter((path) => path !== 'manifest.json')
  const output = outputs[seed % Math.max(1, outputs.length)]
  if (kind === 'edit') await paint(project, name, seed)
  if (kind === 'touch' && exists) await utimes(project.at(name), now, now + seed)
  if (kind === 'delete') await rm(project.at(name), { force: true })
  if (kind === 'lose' && output !== undefined) await rm(project.at(`out/${output}`))
  if (kind === 'overwrite' && output !== undefined) await project.write(`out/${output}`, 'mine')
  if (kind === 'forget') await rm(project.at('out/.imgproc'), { recursive: true, force: true })
}

/** Returns the manifest's entries of the sources that exist. */
async function entriesOf(project: Project, out: string) {
  const existing = await project.files()
  const { entries } = await readManifest(project.at(`${out}/manifest.json`))
  return entries.filter(({ source }) => existing.includes(source.path))
}

describe('incremental runs', () => {
  it('end with the outputs and the manifest of a fresh run, whatever changes between them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(changes, { minLength: 1, maxLength: 3 }), async (rounds) => {
        const project = await openProject()
        try {
          for (const [index, name] of SOURCES.entries()) await paint(project, name, index + 2)
          let version = 1
          await run({ cwd: project.path, ...optionsOf(version, 'out') }).summary
          for (const [round, applied] of rounds.entries()) {
            for (const change of applied) await applyChange(project, change, 1_800_000_000 + round * 100)
            version = applied.findLast(([kind]) => kind === 'preset')?.[2] ?? version
            const { failures } = await run({ cwd: project.path, ...optionsOf(version, 'out') }).summary
            expect(failures).toEqual([])
          }
          const options = { cwd: project.path, ...optionsOf(version, 'fresh') }
          await run({ ...options, ignore: ['out/**'] }).summary
          expect(await entriesOf(project, 'out')).toEqual(await entriesOf(project, 'fresh'))
          for (const { outputs } of await entriesOf(project, 'fresh'))
            for (const { path } of outputs)
              expect(await readFile(project.at(`out/${path}`))).toEqual(
                await readFile(project.at(`fresh/${path}`)),
              )
          const { jobs } = await plan({ cwd: project.path, ...optionsOf(version, 'out') })
          expect(jobs.flatMap(({ renditions }) => renditions)).toEqual([])
        } finally {
          await rm(project.path, { recursive: true, force: true })
        }
      }),
      { numRuns: 15 },
    )
  })
})
