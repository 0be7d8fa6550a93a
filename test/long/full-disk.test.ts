import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { imgproc } from '../cli/command.js'
import { makeProject, type Project } from '../support/project.js'
import { makeSmallPhotos } from '../support/small-photos.js'

/** Copies of a small grey picture. Its thumbnail takes one page of the disk. */
const IMAGES = 100
const THUMBNAILS = ['run', 'photos', '--thumbnail', '100', '-j', '2']

/** Finished images that the next run may render again, since the last page of the journal may be lost. */
const MAX_FORGOTTEN = 20

describe.runIf(canMount())('a disk that becomes full during a run (needs mount)', () => {
  it.each([
    ['at the first image', 'size=4k', []],
    ['at the first image, with two workers', 'size=4k', ['--workers', '2']],
    ['among the images', 'size=100k', []],
    ['among the images, with two workers', 'size=300k', ['--workers', '2']],
    ['among the last images', 'size=416k', []],
    ['at the manifest', 'size=472k', []],
    ['when it has no inodes left', 'nr_inodes=40', []],
  ])('leaves whole files and a clear error, and the next run completes: full %s', async (_, room, args) => {
    const project = await makeGreyPhotos(IMAGES)
    mount(project, room)
    const ended = await imgproc(project, [...THUMBNAILS, ...args])
    expectFullDisk(ended)
    const made = await expectWhole(project)
    await expectExactManifest(project, made)
    remount(project)
    const { written, unchanged } = await countsOf(project, [...THUMBNAILS, ...args])
    expect(written + unchanged).toBe(IMAGES)
    expect(unchanged).toBeLessThanOrEqual(made.length)
    expect(unchanged).toBeGreaterThanOrEqual(made.length - MAX_FORGOTTEN)
    await expectComplete(project, IMAGES)
  })

  it('lists the finished outputs in the manifest if there is room for it', async () => {
    const project = await makeProject()
    const [photo] = await makeSmallPhotos(1)
    for (let index = 0; index < 60; index++) await project.write(`photos/${index}.jpg`, photo?.data ?? '')
    // Each output takes about 500k, so the remaining room is enough for a manifest.
    mount(project, 'size=1800k')
    const large = ['run', 'photos', '--thumbnail', '640', '-f', 'png']
    const ended = await imgproc(project, large)
    expectFullDisk(ended)
    expect(ended.stderr).toMatch(/^failed photos\/\d+\.jpg: WRITE_FAILED "\d+\.png" can't be/m)
    expect(ended.stderr).toMatch(/^stopped after many failed writes in a row .* \d+ images not processed$/m)
    const made = await expectWhole(project)
    expect(made.length).toBeGreaterThan(0)
    expect(await project.files('out')).toContain('manifest.json')
    await expectExactManifest(project, made)
    remount(project)
    expect(await countsOf(project, large)).toMatchObject({
      written: 60 - made.length,
      unchanged: made.length,
    })
    await expectComplete(project, 60)
  })

  it('keeps the old manifest if there is no room for a new one', async () => {
    const project = await makeGreyPhotos(60)
    mount(project, 'size=50m')
    expect((await imgproc(project, THUMBNAILS)).code).toBe(0)
    const before = await readFile(project.at('out/manifest.json'), 'utf8')
    const names = Array.from({ length: IMAGES - 60 }, (_, index) => `photos/more-${index}.jpg`)
    await project.copy('photos/grey.jpg', ...names)
    // 60 images, the manifest and the source index take about 350k.
    remount(project, 'size=400k')
    const ended = await imgproc(project, THUMBNAILS)
    expectFullDisk(ended)
    expect(ended.stderr).toContain('The manifest was not changed; outputs already written are kept.')
    expect(await readFile(project.at('out/manifest.json'), 'utf8')).toBe(before)
    const made = await expectWhole(project)
    remount(project)
    const { written, unchanged } = await countsOf(project, THUMBNAILS)
    expect(written + unchanged).toBe(IMAGES)
    expect(unchanged).toBeGreaterThanOrEqual(Math.max(60, made.length - MAX_FORGOTTEN))
    await expectComplete(project, IMAGES)
  })
})

describe.runIf(canMount())('a read-only disk (needs mount)', () => {
  it('is reported with exit code 1 and no other change', async () => {
    const project = await makeGreyPhotos(5)
    mount(project, 'size=1m')
    execFileSync('mount', ['-o', 'remount,ro', project.at('out')])
    for (const args of [[], ['--no-manifest'], ['--no-manifest', '--workers', '2']]) {
      const ended = await imgproc(project, [...THUMBNAILS, ...args])
      expect(ended.code).toBe(1)
      expect(ended.stderr).toContain('the disk is read-only (EROFS). Choose another out (--out).')
    }
  })
})

async function makeGreyPhotos(count: number): Promise<Project> {
  const project = await makeProject()
  const names = Array.from({ length: count }, (_, index) => `photos/${index}.jpg`)
  await project.copy('photos/grey.jpg', ...names)
  return project
}

function expectFullDisk({ code, stderr }: { code: number | null; stderr: string }): void {
  expect(code).toBe(1)
  expect(stderr).toContain('the disk is full (ENOSPC). Free some space, then run the same command again')
  expect(stderr).not.toMatch(/^\s+at |bug in imgproc|INTERNAL/m)
  // Failures with the same cause are summarised.
  expect(stderr.split('\n').length).toBeLessThan(30)
}

/** Expects every output to be complete and no temp files. Returns the names of the outputs. */
async function expectWhole(project: Project): Promise<string[]> {
  const all = await readdir(project.at('out'), { recursive: true })
  expect(all.filter((name) => name.endsWith('-tmp'))).toEqual([])
  const pictures = all.filter((name) => /\.(?:jpg|png)$/.test(name))
  // Read here, since sharp would keep the files open and block unmounting.
  for (const name of pictures)
    await sharp(await readFile(project.at(`out/${name}`)), { failOn: 'warning' }).stats()
  return pictures.toSorted()
}

/** Expects the manifest, if there is one, to list exactly the existing outputs. */
async function expectExactManifest(project: Project, made: readonly string[]): Promise<void> {
  if (!(await readdir(project.at('out'))).includes('manifest.json')) return
  expect(await readyIn(project)).toEqual(made)
}

async function readyIn(project: Project): Promise<string[]> {
  const { entries } = await readManifest(project.at('out/manifest.json'))
  const ready = entries.flatMap(({ outputs }) => outputs.filter(({ status }) => status === 'ready'))
  return ready.map(({ path }) => path).toSorted()
}

async function countsOf(project: Project, args: readonly string[]) {
  const { code, stdout } = await imgproc(project, [...args, '--json'])
  expect(code).toBe(0)
  const { summary } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as {
    summary: { renditions: { written: number; unchanged: number } }
  }
  return summary.renditions
}

/** Expects all outputs to be written and listed, and only the source index in `.imgproc/`. */
async function expectComplete(project: Project, count: number): Promise<void> {
  const made = await expectWhole(project)
  expect(made).toHaveLength(count)
  expect(await readyIn(project)).toEqual(made)
  expect(await readdir(project.at('out/.imgproc'))).toEqual(['.gitignore', 'seen.json', 'snapshot'])
}

/** Mounts a small disk (tmpfs) as the output folder of a project. */
function mount(project: Project, room: string): void {
  mkdirSync(project.at('out'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', room, 'tmpfs', project.at('out')])
  onTestFinished(() => void execFileSync('umount', [project.at('out')]))
}

/** Changes the size of that disk. */
function remount(project: Project, room = 'size=50m,nr_inodes=10000'): void {
  execFileSync('mount', ['-o', `remount,${room}`, project.at('out')])
}

/** Returns true if this process may mount, as on Linux as root. */
function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'imgproc-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', folder], { stdio: 'ignore' })
    execFileSync('umount', [folder])
    return true
  } catch {
    return false
  } finally {
    rmdirSync(folder)
  }
}
