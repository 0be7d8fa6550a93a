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

/** Of a small grey picture: a thumbnail of it takes one page of the disk. */
const IMAGES = 100
const THUMBNAILS = ['run', 'photos', '--thumbnail', '100', '-j', '2']

/** Made images that the next run may make again: a page of the journal's lines may find no room any more. */
const FORGOTTEN = 20

describe.runIf(canMount())('a disk that is full in mid-run (only where disks may be mounted)', () => {
  it.each([
    ['at once', 'size=4k', []],
    ['at once, and two processes work', 'size=4k', ['--workers', '2']],
    ['among the images', 'size=100k', []],
    ['among the images, and two processes work', 'size=300k', ['--workers', '2']],
    ['among the last images', 'size=416k', []],
    ['at the manifest', 'size=472k', []],
    ['of names', 'nr_inodes=40', []],
  ])('leaves whole files, clear words, and the rest to the next run: full %s', async (_, room, args) => {
    const project = await makeGreyPhotos(IMAGES)
    mount(project, room)
    const ended = await imgproc(project, [...THUMBNAILS, ...args])
    expectFullDisk(ended)
    const made = await expectWhole(project)
    await expectTrueManifest(project, made)
    remount(project)
    const { written, unchanged } = await countsOf(project, [...THUMBNAILS, ...args])
    expect(written + unchanged).toBe(IMAGES)
    expect(unchanged).toBeLessThanOrEqual(made.length)
    expect(unchanged).toBeGreaterThanOrEqual(made.length - FORGOTTEN)
    await expectComplete(project, IMAGES)
  })

  it('lists in its manifest what was made, where there is room for that', async () => {
    const project = await makeProject()
    const [photo] = await makeSmallPhotos(1)
    for (let index = 0; index < 60; index++) await project.write(`photos/${index}.jpg`, photo?.data ?? '')
    // Each comes to about 500k: what is left when no further one fits is room enough for a manifest.
    mount(project, 'size=1800k')
    const large = ['run', 'photos', '--thumbnail', '640', '-f', 'png']
    const ended = await imgproc(project, large)
    expectFullDisk(ended)
    expect(ended.stderr).toMatch(/^failed photos\/\d+\.jpg \(ops\): WRITE_FAILED "\d+\.png" can't be/m)
    expect(ended.stderr).toMatch(/^stopped after many images in a row .* \d+ images not made$/m)
    const made = await expectWhole(project)
    expect(made.length).toBeGreaterThan(0)
    expect(await project.files('out')).toContain('manifest.json')
    await expectTrueManifest(project, made)
    remount(project)
    expect(await countsOf(project, large)).toMatchObject({
      written: 60 - made.length,
      unchanged: made.length,
    })
    await expectComplete(project, 60)
  })

  it('leaves the old manifest as it was, where there is no room for another', async () => {
    const project = await makeGreyPhotos(60)
    mount(project, 'size=50m')
    expect((await imgproc(project, THUMBNAILS)).code).toBe(0)
    const before = await readFile(project.at('out/manifest.json'), 'utf8')
    const names = Array.from({ length: IMAGES - 60 }, (_, index) => `photos/more-${index}.jpg`)
    await project.copy('photos/grey.jpg', ...names)
    // 60 images, manifest and memory take about 350k.
    remount(project, 'size=400k')
    const ended = await imgproc(project, THUMBNAILS)
    expectFullDisk(ended)
    expect(ended.stderr).toContain('The manifest is the old one, as it was; images that were made are there.')
    expect(await readFile(project.at('out/manifest.json'), 'utf8')).toBe(before)
    const made = await expectWhole(project)
    remount(project)
    const { written, unchanged } = await countsOf(project, THUMBNAILS)
    expect(written + unchanged).toBe(IMAGES)
    expect(unchanged).toBeGreaterThanOrEqual(Math.max(60, made.length - FORGOTTEN))
    await expectComplete(project, IMAGES)
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
  expect(stderr).toContain('the disk is full (ENOSPC). Make room, then run the same command again')
  expect(stderr).not.toMatch(/^\s+at |bug in imgproc|INTERNAL/m)
  // A hundred failures for one reason are no hundred lines.
  expect(stderr.split('\n').length).toBeLessThan(30)
}

/** Every picture that has its name is there to the last byte, and nothing is half-made; the pictures' names. */
async function expectWhole(project: Project): Promise<string[]> {
  const all = await readdir(project.at('out'), { recursive: true })
  expect(all.filter((name) => name.endsWith('-tmp'))).toEqual([])
  const pictures = all.filter((name) => /\.(?:jpg|png)$/.test(name))
  // By their bytes: sharp would keep the files open, and the disk couldn't be unmounted.
  for (const name of pictures)
    await sharp(await readFile(project.at(`out/${name}`)), { failOn: 'warning' }).stats()
  return pictures.toSorted()
}

/** A manifest lists what is there and nothing else, or there is none. */
async function expectTrueManifest(project: Project, made: readonly string[]): Promise<void> {
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

/** All is made and listed, and the tool has tidied up after itself. */
async function expectComplete(project: Project, count: number): Promise<void> {
  const made = await expectWhole(project)
  expect(made).toHaveLength(count)
  expect(await readyIn(project)).toEqual(made)
  expect(await readdir(project.at('out/.imgproc'))).toEqual(['seen.json'])
}

/** Puts a small disk into the place of the project's outputs. */
function mount(project: Project, room: string): void {
  mkdirSync(project.at('out'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', room, 'tmpfs', project.at('out')])
  onTestFinished(() => void execFileSync('umount', [project.at('out')]))
}

/** Gives that disk another size. */
function remount(project: Project, room = 'size=50m,nr_inodes=10000'): void {
  execFileSync('mount', ['-o', `remount,${room}`, project.at('out')])
}

/** Whether we may mount: on Linux, as root. */
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
