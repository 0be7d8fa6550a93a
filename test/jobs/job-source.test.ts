import { beforeAll, describe, expect, it } from 'vitest'
import type { Buffers } from '../../src/image/buffer-pool.js'
import { createFileStore } from '../../src/stores/file/store.js'
import { executeJob } from '../../src/jobs/execute-job.js'
import type { Job } from '../../src/jobs/types.js'
import type { ImageOp } from '../../src/operations/image-op.generated.js'
import { withDefaults } from '../../src/image/limits.js'
import { makePhoto, withPreview } from '../support/previews.js'
import { makeProject } from '../support/project.js'

let camera: Buffer

beforeAll(async () => {
  camera = withPreview(await makePhoto(1200, 900), await makePhoto(160, 120))
})

/** A pool that counts lent and returned buffers. */
function createCounter() {
  const lent: number[] = []
  const returned: number[] = []
  const buffers: Buffers = {
    take: (bytes) => {
      lent.push(bytes)
      return Buffer.alloc(bytes)
    },
    give: ({ buffer }) => returned.push(buffer.byteLength),
  }
  return { lent, returned, buffers }
}

async function execute(bytes: Buffer, ops: readonly ImageOp[], analyze: readonly string[] = []) {
  const project = await makeProject()
  await project.write('a.jpg', bytes)
  const store = createFileStore({ cwd: project.path })
  const job: Job = {
    id: 'a',
    path: 'a.jpg',
    source: { ref: project.at('a.jpg'), size: bytes.length },
    renditions: [{ preset: 'p', target: 'a.{ext}', ops, recipe: 'r' }],
    out: project.at('out'),
    analyze,
    limits: withDefaults(),
    failOn: 'error',
  }
  const { lent, returned, buffers } = createCounter()
  const { status } = await executeJob(job, {
    input: store,
    output: store,
    buffers,
    reserve: async () => undefined,
  })
  return { status, lent, returned }
}

describe('buffers of a job', () => {
  it('lends one for the whole source and takes it back', async () => {
    const { status, lent, returned } = await execute(camera, [{ thumbnail: 100 }])
    expect(status).toBe('ready')
    expect(lent).toHaveLength(1)
    expect(returned).toEqual(lent)
  })

  it('takes back the source if it cannot be decoded', async () => {
    const { status, lent, returned } = await execute(Buffer.from('no image'), [{ thumbnail: 100 }])
    expect(status).toBe('failed')
    expect(returned).toEqual(lent)
  })

  it('takes back the head if the preview in it is enough', async () => {
    const { lent, returned } = await execute(camera, [{ thumbnail: 100 }, { preview: 'embedded' }])
    expect(lent).toHaveLength(1)
    expect(returned).toEqual(lent)
  })

  it('takes back the unused head and the whole source if the preview is too small', async () => {
    const { lent, returned } = await execute(camera, [{ thumbnail: 400 }, { preview: 'embedded' }])
    expect(lent).toHaveLength(2)
    expect(returned).toEqual(lent)
  })

  it('keeps the source if analyzers may still hold its bytes', async () => {
    const { lent, returned } = await execute(camera, [{ thumbnail: 100 }], ['custom'])
    expect(lent).toHaveLength(1)
    expect(returned).toEqual([])
  })
})
