import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { serve } from '../stores/http/server.js'
import { makeBucket, startS3, TEST_KEYS, type Bucket } from '../stores/s3/setup.js'
import { makeProject, type Project } from '../support/project.js'
import { imgproc, shell, type CommandOptions } from './command.js'

const photo = await readFile(new URL('../../fixtures/photos/landscape.jpg', import.meta.url))

/** Runs a command with --quiet that must succeed without output. */
async function make(project: Project, args: readonly string[], options?: CommandOptions): Promise<void> {
  expect(await imgproc(project, [...args, '--quiet'], options)).toMatchObject({
    code: 0,
    stdout: '',
    stderr: '',
  })
}

async function outputsOf(project: Project): Promise<string[]> {
  return (await project.files('out')).filter((name) => !/^(?:manifest\.json|\.imgproc\/.*)$/.test(name))
}

/** Creates a project with a custom store for box://, which is a folder on the disk. */
async function makeBoxProject(): Promise<Project> {
  const project = await makeProject()
  await project.write('.imgprocrc.yaml', 'stores: { box: ./stores/box.mjs }\n')
  await project.write(
    'stores/box.mjs',
    `import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
    import { dirname } from 'node:path'
    const ROOT = new URL('../box/', import.meta.url)
    const at = (ref) => new URL(ref.slice('box://'.length), ROOT)
    export default {
      scheme: 'box',
      async *list(prefix) {
        for (const name of await readdir(ROOT, { recursive: true }))
          if (\`box://\${name}\`.startsWith(prefix) && name.includes('.')) yield { ref: \`box://\${name}\`, size: 0 }
      },
      stat: (ref) => stat(at(ref)).then((found) => found.isFile() ? { ref, size: found.size } : undefined, () => undefined),
      read: (ref) => readFile(at(ref)).catch(() => undefined),
      async write(ref, data) {
        await mkdir(new URL('.', at(ref)), { recursive: true })
        await writeFile(at(ref), data)
        return { ref, size: data.length }
      },
    }`,
  )
  return project
}

describe('imgproc with HTTP inputs', () => {
  it('stores outputs by host and path, also for URLs of a list', async () => {
    const web = await serve((_, response) => response.end(photo))
    const project = await makeProject()
    const host = web.url.replace('http://', '')
    await project.write('urls.txt', `${web.url}/b/c.jpg\r\n\n${web.url}/d?size=large\n`)
    await make(project, ['thumbs', `${web.url}/a/my%20photo.jpg#top`, '--from', 'urls.txt', '-o', 'out'])
    expect(await outputsOf(project)).toEqual(
      ['a/my photo.thumb.jpg', 'b/c.thumb.jpg', 'd.thumb.jpg'].map(
        (name) => `${host.replace(':', '_')}/${name}`,
      ),
    )
  })

  it('makes outputs of URLs that differ only in their query, and stores no query', async () => {
    const web = await serve((request, response) => {
      const background = request.url?.endsWith('v=1') === true ? 'red' : 'blue'
      void sharp({ create: { width: 200, height: 100, channels: 3, background } })
        .png()
        .toBuffer()
        .then((data) => response.end(data))
    })
    const project = await makeProject()
    const urls = [
      `${web.url}/a.png?key=secret&v=1`,
      `${web.url}/a.png?key=secret&v=2`,
      `${web.url}/b.png?v=1`,
    ]
    await make(project, ['thumbs', ...urls, '-o', 'out', '--path', '{name}.{ext}'])
    const outputs = await outputsOf(project)
    expect(outputs).toEqual([
      expect.stringMatching(/^a-[\da-f]{8}\.png$/),
      expect.stringMatching(/^a-[\da-f]{8}\.png$/),
      'b.png',
    ])
    const means = await Promise.all(
      outputs.map(async (name) => (await sharp(project.at(`out/${name}`)).stats()).dominant),
    )
    expect(means.filter(({ r }) => r > 200)).toHaveLength(2)
    const { entries } = await readManifest(project.at('out/manifest.json'))
    expect(entries.map(({ source }) => source.path)).toEqual([
      expect.stringMatching(/\/a\.png\?[\da-f]{8}$/),
      expect.stringMatching(/\/a\.png\?[\da-f]{8}$/),
      `${web.url}/b.png`,
    ])
    for (const name of await project.files('out'))
      expect(await readFile(project.at(`out/${name}`), 'latin1'), name).not.toContain('secret')
  })

  it('rejects an HTTP output', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'a.jpg')
    const { code, stderr } = await imgproc(project, ['thumbs', 'a.jpg', '-o', 'https://127.0.0.1:9/img'])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'error https://127.0.0.1:9/img cannot be written to. Choose a folder, s3://, gs:// or az:// for --out.\n',
    })
  })
})

describe('imgproc with a custom store', () => {
  it('reads from it and writes to it', async () => {
    const project = await makeBoxProject()
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    await make(project, ['thumbs', 'photos', '-o', 'box://in/'])
    expect(await project.files('box')).toEqual(expect.arrayContaining(['in/a.thumb.jpg', 'in/manifest.json']))
    await make(project, ['run', 'box://in/*.jpg', '--thumbnail', '50', '-o', 'out'])
    expect(await outputsOf(project)).toEqual(['a.thumb.jpg'])
    expect(await sharp(project.at('out/a.thumb.jpg')).metadata()).toMatchObject({ width: 50 })
  })
})

describe('imgproc with S3', () => {
  let server: Awaited<ReturnType<typeof startS3>>
  let bucket: Bucket
  let env: Record<string, string>
  beforeAll(async () => {
    for (const [name, value] of Object.entries(TEST_KEYS)) vi.stubEnv(name, value)
    server = await startS3()
    bucket = await makeBucket(server.endpoint)
    env = { ...TEST_KEYS, AWS_ENDPOINT_URL_S3: server.endpoint }
  })
  afterAll(async () => {
    await server.stop()
    vi.unstubAllEnvs()
  })

  it('writes a folder to a bucket and reads it back, without warnings', async () => {
    const project = await makeProject()
    const names = Array.from({ length: 40 }, (_, index) => `${100 + index}.jpg`)
    await project.copy('photos/landscape.jpg', ...names.map((name) => `photos/${name}`))
    await make(project, ['thumbs', 'photos', '-o', `s3://${bucket.name}/thumbs/`], { env })
    await make(project, ['run', `s3://${bucket.name}/thumbs/**`, '--thumbnail', '20', '-o', 'out'], { env })
    expect(await outputsOf(project)).toEqual(names.map((name) => name.replace('.jpg', '.thumb.jpg')))
  })

  it('fails with one error without credentials', async () => {
    const project = await makeProject()
    const none = { ...env, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }
    const photos = ['photos/a.jpg']
    await project.copy('photos/landscape.jpg', ...photos)
    const place = `s3://${bucket.name}`
    for (const args of [[`${place}/**`], [`${place}/a.jpg`], ['photos', '-o', `${place}/img`]]) {
      const ended = await imgproc(project, ['thumbs', ...args], { env: none })
      expect(ended, args.join(' ')).toMatchObject({ code: 2, stdout: '' })
      expect(ended.stderr).toMatch(
        /^error .*credentials.*AWS_ACCESS_KEY_ID.*\nhelp: imgproc explain INVALID_CREDENTIALS\n$/,
      )
      expect(await project.files()).toEqual(photos)
    }
  })

  it.each([
    ['a missing bucket as input', ['s3://imgproc-no-such-bucket/**'], /there is no bucket/],
    ['a missing bucket as output', ['photos', '-o', 's3://imgproc-no-such-bucket/img'], /there is no bucket/],
    ['Azure without an account', ['az://photos/**'], /needs a storage account\. Set AZURE_STORAGE_ACCOUNT/],
    ['Azure without an account as output', ['photos', '-o', 'az://photos/img'], /needs a storage account/],
    ['a bucket of Google with a wrong name', ['gs://A/**'], /not a valid bucket name/],
  ])('exits with 2 and one sentence for %s', async (_, args, message) => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    const ended = await imgproc(project, ['thumbs', ...args], { env })
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toMatch(message)
    expect(ended.stderr.match(/^error /gm)).toHaveLength(1)
    expect(await project.files()).toEqual(['photos/a.jpg'])
  })
})

describe('imgproc as a filter', () => {
  it('reads an image from stdin and writes only the output to stdout', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'a.jpg')
    const line = 'imgproc run - --thumbnail 50 --format webp -o - < a.jpg | cat > b.webp'
    const { code, stderr } = await shell(project, line)
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/^1 written from 1 image, .*\n$/)
    expect(await sharp(project.at('b.webp')).metadata()).toMatchObject({ format: 'webp', width: 50 })
    expect(await project.files()).toEqual(['a.jpg', 'b.webp'])
  })

  it.each([
    ['stdin is empty', '', /INPUT_NOT_FOUND stdin is empty/],
    ['stdin is not an image', 'hello', /UNSUPPORTED_FORMAT|CORRUPT_IMAGE/],
  ])('fails and writes nothing if %s', async (_, stdin, message) => {
    const project = await makeProject()
    const ended = await imgproc(project, ['run', '-', '--thumbnail', '50', '-o', '-'], { stdin })
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(message)
    expect(await project.files()).toEqual([])
  })

  it.each([
    [
      'two images',
      ['a.jpg', 'b.jpg', '--thumbnail', '50'],
      /^error stdout takes one image \(--out -\), but 2 would be made from 2 images\. .*\n$/,
    ],
    [
      'two sizes',
      ['a.jpg', '--widths', '20,40'],
      /^error stdout takes one image .* 2 would be made from 1 image\. .*\n$/,
    ],
    [
      'results as JSON',
      ['a.jpg', '--thumbnail', '50', '--json'],
      /^error --json and --out - both write to stdout\. .*\n$/,
    ],
  ])('rejects %s on stdout with one error, before writing anything', async (_, args, message) => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'a.jpg', 'b.jpg')
    const ended = await imgproc(project, ['run', ...args, '-o', '-'])
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toMatch(message)
  })
})
