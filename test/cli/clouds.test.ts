import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nextName, useRedis } from '../queue/setup.js'
import { CLOUDS } from '../support/clouds.js'
import { makeProject, type Project } from '../support/project.js'
import { hasRedis, NEEDS_REDIS } from '../support/redis.js'
import { serve } from '../support/serve.js'
import { startWorker } from '../support/worker.js'
import { imgproc } from './command.js'

const redis = useRedis()

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/landscape.jpg', 'photos/a.jpg', 'photos/b.jpg')
  await project.copy('photos/alpha.png', 'mark/logo.png')
  return project
}

/** Runs a command that must succeed, and returns what it printed. */
async function make(project: Project, ...words: string[]) {
  const { code, stdout, stderr } = await imgproc(project, words)
  expect(code, `${words.join(' ')}\n${stderr}`).toBe(0)
  return { stdout, stderr }
}

describe.each(CLOUDS)('imgproc with %s', (_, useCloud) => {
  const cloud = useCloud()

  it('takes its URLs as inputs, outputs, manifests, and files of operations', async () => {
    const project = await makePhotos()
    const out = `${cloud.url}/places/img`
    await make(project, 'run', 'mark', '-o', `${cloud.url}/mark/`, '--thumbnail', '40')
    const mark = ['--watermark', `${cloud.url}/mark/logo.png`]
    await make(project, 'run', 'photos', '-o', `${cloud.url}/places/full/`, '--thumbnail', '200')
    const thumbs = ['thumbs', `${cloud.url}/places/full/*.jpg`, '-o', out, ...mark]
    expect((await make(project, ...thumbs)).stderr).toContain('2 written from 2 images')
    expect((await make(project, ...thumbs)).stderr).toContain('0 written, 2 unchanged')
    const checked = await make(project, 'check', ...thumbs.slice(1), '-p', 'thumb')
    expect(checked.stderr).toContain('0 missing or stale, 2 unchanged')
    const inspected = await make(project, 'inspect', `${out}/*.jpg`, '--json')
    expect(inspected.stdout.match(/"width":100,"height":75/g)).toHaveLength(2)
    const listed = await make(
      project,
      'thumbs',
      `${out}/`,
      '-o',
      'local',
      '-m',
      `${cloud.url}/places/m.ndjson`,
    )
    expect(listed.stderr).toContain(`manifest ${cloud.url}/places/m.ndjson`)
    expect(await sharp(project.at('local/a.thumb.thumb.jpg')).metadata()).toMatchObject({ width: 100 })
  })

  it('makes markup of its manifests: named, their folder, and that of the config', async () => {
    const project = await makePhotos()
    const out = `${cloud.url}/markup/img`
    await make(project, 'thumbs', 'photos', '-o', out)
    await project.write('imgproc.config.yaml', `out: ${out}\n`)
    for (const where of [[`${out}/manifest.json`], [`${out}/`], []]) {
      const { stdout } = await make(project, 'markup', ...where, 'photos/a.jpg', '--alt', 'A house')
      expect(stdout).toContain('<img src="a.thumb.jpg" width="100" height="75" alt="A house"')
    }
  })

  it('merges manifests of shards by a glob, into a manifest beside them', async () => {
    const project = await makePhotos()
    const out = `${cloud.url}/shards/img`
    for (const shard of ['1/2', '2/2']) await make(project, 'thumbs', 'photos', '-o', out, '--shard', shard)
    const merged = await make(project, 'merge', `${out}/manifest-*.json`, '-o', `${out}/manifest.json`)
    expect(merged.stderr).toBe(`2 images from 2 manifests\nmanifest ${out}/manifest.json\n`)
    const again = await make(project, 'thumbs', 'photos', '-o', out)
    expect(again.stderr).toContain('0 written, 2 unchanged')
  })

  it('prunes the outputs of sources that are gone, and leaves the rest', async () => {
    const project = await makePhotos()
    const { store } = await cloud.setup()
    const place = `${cloud.url}/prune`
    await make(project, 'run', 'photos', '-o', `${place}/in/`, '--thumbnail', '200')
    await make(project, 'thumbs', `${place}/in/*.jpg`, '-o', `${place}/out/`)
    await store.remove(`${place}/in/a.jpg`)
    await make(project, 'thumbs', `${place}/in/*.jpg`, '-o', `${place}/out/`, '--prune')
    expect(await store.stat(`${place}/out/a.thumb.jpg`)).toBeUndefined()
    expect(await store.stat(`${place}/out/b.thumb.jpg`)).toBeDefined()
  })

  it('is checked by doctor, which leaves nothing behind', async () => {
    const project = await makeProject()
    const { store } = await cloud.setup()
    const { stdout } = await make(project, 'doctor', '--write', `${cloud.url}/doctor/`)
    expect(stdout).toMatch(/ok {9}credentials/)
    expect(stdout.match(/^ {2}ok .*\.imgproc-doctor-/gm)?.length).toBeGreaterThanOrEqual(2)
    for await (const { ref } of store.list(`${cloud.url}/doctor/**`)) expect.unreachable(ref)
  })

  it('says what it can not do: show a report, and watch', async () => {
    const project = await makePhotos()
    for (const [words, message] of [
      [
        ['report', `${cloud.url}/img/`],
        /^error A report shows pictures of this disk, and \S+ is elsewhere\./,
      ],
      [['thumbs', `${cloud.url}/img/`, '--watch'], /^error \S+ can't be watched: --watch sees .* local disk/],
      [['thumbs', 'photos', '-o', `${cloud.url}/img/`, '--report', 'r.html'], /^error --report shows files/],
    ] as const) {
      const { code, stderr } = await imgproc(project, words)
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
    }
  })

  it('keeps the uploads, records and results of a server, and its sources', async () => {
    const project = await makePhotos()
    await make(project, 'run', 'photos', '-o', `${cloud.url}/serve/in/`, '--thumbnail', '200')
    await project.write(
      'imgproc.config.yaml',
      `serve:\n  store: ${cloud.url}/serve/data/\n  sources: { shop: ${cloud.url}/serve/in/ }\n  uploads: { presets: [thumb] }\n`,
    )
    const server = await serve(project)
    const shown = await fetch(`${server.url}/shop/a.jpg?thumbnail=50`)
    expect(await sharp(Buffer.from(await shown.arrayBuffer())).metadata()).toMatchObject({ width: 50 })
    const form = new FormData()
    form.append('file', new Blob([await readFile(project.at('photos/b.jpg'))]), 'b.jpg')
    const sent = await fetch(`${server.url}/v1/images`, { method: 'POST', body: form })
    const { id } = (await sent.json()) as { id: string } // the server's own
    await expect
      .poll(async () => (await fetch(`${server.url}/v1/images/${id}`)).json(), { timeout: 20_000 })
      .toMatchObject({ status: 'ready', sizes: { thumb: { width: 100 } } })
    const { images } = (await (await fetch(`${server.url}/v1/images`)).json()) as { images: { id: string }[] }
    expect(images.map((image) => image.id)).toEqual([id])
    await server.stop()
    const again = await serve(project)
    const kept = await fetch(`${again.url}/v1/images/${id}.webp?thumbnail=60`)
    expect(await sharp(Buffer.from(await kept.arrayBuffer())).metadata()).toMatchObject({ width: 60 })
    expect((await fetch(`${again.url}/v1/images/${id}`, { method: 'DELETE' })).status).toBe(200)
    const { store } = await cloud.setup()
    for await (const { ref } of store.list(`${cloud.url}/serve/data/originals/**`)) expect.unreachable(ref)
  })

  it.skipIf(!hasRedis)(`goes through a queue with files of operations${NEEDS_REDIS}`, async () => {
    const project = await makePhotos()
    await make(project, 'run', 'photos', 'mark', '-o', `${cloud.url}/queue/in/`, '--thumbnail', '60')
    const queue = ['--queue', redis().url, '--queue-name', nextName()]
    const worker = await startWorker(project, redis().url, queue.slice(2))
    onTestFinished(async () => {
      await worker.stop('SIGKILL')
    })
    const flags = ['--watermark', `${cloud.url}/queue/in/logo.png:scale=0.3`, ...queue]
    const words = [`${cloud.url}/queue/in/*.jpg`, '--resize', '200', ...flags]
    const places = [...words, '-o', `${cloud.url}/queue/out/`]
    expect((await make(project, 'enqueue', ...places)).stderr).toContain('2 images in the queue')
    expect((await make(project, 'run', ...places)).stderr).toContain('2 written from 2 images')
    expect((await make(project, 'run', ...places)).stderr).toContain('0 written, 2 unchanged')
    const local = await imgproc(project, ['thumbs', 'photos', '-o', `${cloud.url}/queue/out/`, ...queue])
    expect(local).toMatchObject({ code: 2, stderr: expect.stringContaining('Use s3://, gs:// or az://, or') })
  })
})
