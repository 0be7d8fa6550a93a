import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { BIN } from '../cli/command.js'
import { createTestClient, startS3, TEST_KEYS } from '../stores/s3/setup.js'
import { fileOf, openDocumentProject, readBlocks, type DocumentProject } from '../support/documents.js'

const URL_OF_PAGE = 'http://127.0.0.1:3000'
const blocks = await readBlocks('docs/serve.md')
const codeOf = (language: string) =>
  blocks.filter((block) => block.language === language).map(({ code }) => code)
/** Commands; those after one that sets a variable need it. */
const commands = codeOf('sh').flatMap((code) =>
  /^\w+=/.test(code) ? [code.trim()] : code.split('\n').filter((line) => line !== ''),
)

let s3: Awaited<ReturnType<typeof startS3>>
let project: DocumentProject
let url: string
let stop: () => Promise<void>

/** Starts the server of the page, on another port. */
async function startServer(folder: string) {
  const child = spawn(process.execPath, [BIN, 'serve', '--port', '0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  const [line] = (await once(child.stdout, 'data')) as [Buffer] // the only line that it prints
  return {
    url: /http:\S+/.exec(line.toString())?.[0] ?? '',
    async stop() {
      child.kill()
      await ended
    },
  }
}

beforeAll(async () => {
  s3 = await startS3()
  for (const [name, value] of Object.entries({ ...TEST_KEYS, AWS_ENDPOINT_URL_S3: s3.endpoint }))
    vi.stubEnv(name, value)
  const client = createTestClient(s3.endpoint)
  for (const Bucket of ['shop-photos', 'shop-images']) await client.send(new CreateBucketCommand({ Bucket }))
  const Body = await readFile(new URL('../../fixtures/photos/landscape.jpg', import.meta.url))
  await client.send(new PutObjectCommand({ Bucket: 'shop-photos', Key: 'originals/landscape.jpg', Body }))
  client.destroy()
  project = await openDocumentProject()
  for (const block of blocks) {
    const file = fileOf(block)
    if (file !== undefined) await project.save(file, block.code)
  }
  const server = await startServer(project.folder)
  url = server.url
  stop = async () => server.stop()
})

afterAll(async () => {
  await stop()
  await project.remove()
  await s3.stop()
  vi.unstubAllEnvs()
})

describe('docs/serve.md', () => {
  it('starts the server by the command that the other examples need', () => {
    expect(commands.filter((line) => line.startsWith('npx'))).toEqual(['npx imgproc serve'])
  })

  it.each(commands.filter((line) => !line.startsWith('npx')))(
    'has a command that works: %s',
    async (line) => {
      expect(line).toContain(URL_OF_PAGE)
      const script = line.replaceAll(URL_OF_PAGE, url)
      await promisify(execFile)('bash', ['-ec', script], { cwd: project.folder })
      for (const [, file = ''] of line.matchAll(/ -o (\S+) /g)) {
        const { format } = await sharp(join(project.folder, file)).metadata()
        const extension = { jpeg: 'jpg', heif: 'avif' }[format as string] ?? format
        expect(file.endsWith(`.${extension}`)).toBe(true)
      }
    },
  )

  it('downloads an output under the name of its preset', async () => {
    const { width } = await sharp(join(project.folder, 'landscape.thumb.jpg')).metadata()
    expect(width).toBe(100)
  })

  it('shows the error as it is', async () => {
    const [json = ''] = codeOf('json')
    const response = await fetch(`${url}/photos/landscape.jpg?blurr=2`)
    expect(await response.json()).toEqual(JSON.parse(json))
  })

  it('has programs that compile, and that print what they say', async () => {
    const programs = codeOf('ts')
    await expect(project.compile(programs)).resolves.toBeUndefined()
    const [, promised = ''] = /console\.log\(.*\) \/\/ (.*)/.exec(programs[0] ?? '') ?? []
    expect(await project.script(programs[0] ?? '')).toBe(`${promised}\n`)
  })
})
