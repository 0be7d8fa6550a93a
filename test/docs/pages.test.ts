import { readFile } from 'node:fs/promises'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { listPages, pageUrl } from '../../scripts/docs.js'
import { createTestClient, startS3, TEST_KEYS } from '../stores/s3/setup.js'
import {
  fileOf,
  openDocumentProject,
  readBlocks,
  type Block,
  type DocumentProject,
} from '../support/documents.js'

/** build-tools.md, cloud-stores.md, many-machines.md, operations.md and serve.md have tests of their own. performance.md and CONTRIBUTING.md name scripts of a clone only. */
const ELSEWHERE = new Set([
  'CONTRIBUTING.md',
  'docs/build-tools.md',
  'docs/cloud-stores.md',
  'docs/many-machines.md',
  'docs/operations.md',
  'docs/performance.md',
  'docs/serve.md',
])
/** The commands for a fresh clone run in CI. The package is installed already. */
const FOR_CI = /^npm (?:ci|install)\b/
const BUCKETS = ['my-bucket', 'my-other-bucket', 'shop-photos', 'shop-images']

const pages = (await listPages()).filter((page) => !ELSEWHERE.has(page))
const examples = await Promise.all(
  pages.map(async (page) => ({
    page,
    blocks: (await readBlocks(page)).filter(({ code }) => !FOR_CI.test(code)),
  })),
)

let server: Awaited<ReturnType<typeof startS3>>

beforeAll(async () => {
  server = await startS3()
  // The commands find the server through the environment, as a user's would.
  for (const [name, value] of Object.entries({ ...TEST_KEYS, AWS_ENDPOINT_URL_S3: server.endpoint }))
    vi.stubEnv(name, value)
  const client = createTestClient(server.endpoint)
  for (const Bucket of BUCKETS) await client.send(new CreateBucketCommand({ Bucket }))
  const Body = await readFile(new URL('../../fixtures/photos/landscape.jpg', import.meta.url))
  await client.send(new PutObjectCommand({ Bucket: 'shop-photos', Key: 'originals/landscape.jpg', Body }))
  client.destroy()
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

describe.each(examples)('$page', ({ blocks }) => {
  let project: DocumentProject

  beforeAll(async () => {
    project = await openDocumentProject()
  })

  afterAll(() => project.remove())

  // In order: a block may need what an earlier one has written.
  it.each(blocks)('has a $language block that works: $code', async (block) => {
    const printed = await runBlock(project, block)
    expect(printed).toEqual(expect.stringContaining(promisedOutput(block)))
  })

  it('has TypeScript examples that compile', async () => {
    const codes = blocks.filter(({ language }) => language === 'ts').map(({ code }) => code)
    if (codes.length === 0) return
    await expect(project.compile(codes)).resolves.toBeUndefined()
  })
})

/** Runs commands and scripts, saves blocks that name a file, and returns what was printed. Throws if one fails. */
async function runBlock(project: DocumentProject, block: Block): Promise<string> {
  const { language, code } = block
  const file = fileOf(block)
  if (file !== undefined) {
    await project.save(file, code)
    return ''
  }
  if (language === 'sh') return project.shell(code)
  if (language === 'ts') return project.script(code)
  if (language !== 'json') throw new Error(`a block in ${language} needs a file name in its first line`)
  JSON.parse(code)
  return ''
}

/** Returns the output that a comment after console.log promises; none if it is abbreviated. */
function promisedOutput({ code }: Block): string {
  const [, promised = ''] = /console\.log\(.*\) \/\/ (.*)/.exec(code) ?? []
  return promised.includes('…') ? '' : promised
}

describe('README.md', () => {
  it('starts with the two commands for a fresh clone', async () => {
    const [first] = await readBlocks('README.md')
    expect(first?.code).toBe(
      "npm ci && npx imgproc thumbs 'fixtures/photos/**' --preset thumb\nnpm ci && npm test\n",
    )
  })

  it('links to every page in docs/', async () => {
    const text = await readFile(pageUrl('README.md'), 'utf8')
    const others = (await listPages()).filter((page) => page !== 'README.md')
    expect(others.filter((page) => !text.includes(`](${page})`))).toEqual([])
  })
})
