import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createTestClient, startS3, TEST_KEYS } from '../stores/s3/setup.js'
import { blocksOf, openDocumentProject, type DocumentProject } from '../support/documents.js'

const README = await readFile(new URL('../../README.md', import.meta.url), 'utf8')

const blocks = blocksOf(README)
  // These two are what .ci/run does on a clean clone.
  .filter(({ code }) => !code.startsWith('npm ci'))

let project: DocumentProject
let server: Awaited<ReturnType<typeof startS3>>

beforeAll(async () => {
  project = await openDocumentProject()
  server = await startS3()
  // The commands of the examples find their server and their buckets here.
  for (const [name, value] of Object.entries({ ...TEST_KEYS, AWS_ENDPOINT_URL_S3: server.endpoint }))
    vi.stubEnv(name, value)
  const client = createTestClient(server.endpoint)
  for (const Bucket of ['my-bucket', 'my-other-bucket'])
    await client.send(new CreateBucketCommand({ Bucket }))
  client.destroy()
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
  await project.remove()
})

describe('the README', () => {
  // In their order: the config is there for the commands behind it.
  it.each(blocks)('says what works: $code', async ({ language, code }) => {
    if (language === 'yaml' || language === 'js') {
      const [, name = ''] = /^(?:#|\/\/) (\S+)/.exec(code) ?? []
      await writeFile(join(project.folder, name), code)
    } else if (language === 'sh') {
      await project.shell(code)
    } else if (language === 'ts') {
      await project.script(code)
    } else {
      throw new Error(`nothing runs ${language} here`)
    }
    // What failed has thrown; files that examples write are there.
    expect(await readdir(project.folder)).toContain('photos')
  })

  it('has examples that compile', async () => {
    const examples = blocks.filter(({ language }) => language === 'ts').map(({ code }) => code)
    await expect(project.compile(examples)).resolves.toBeUndefined()
  })

  it('gives the output that its example promises', async () => {
    const [, promised = ''] = /\/\/ (UNKNOWN_OPERATION .*)/.exec(README) ?? []
    const example = blocks.find(({ code }) => code.includes(promised))
    expect((await project.script(example?.code ?? '')).trim()).toBe(promised)
  })
})
