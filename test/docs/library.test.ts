import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileOf, openDocumentProject, readBlocks, type DocumentProject } from '../support/documents.js'

describe('the server of docs/library.md', () => {
  let project: DocumentProject
  let child: ChildProcess
  let url: string

  beforeAll(async () => {
    project = await openDocumentProject()
    const block = (await readBlocks('docs/library.md')).find((each) => fileOf(each) === 'server.ts')
    // Node.js 20 runs no TypeScript, and the block has no types. Any free port will do.
    const code = (block?.code ?? '').replace(
      "server.listen(3000, () => console.log('Listening at port 3000'))",
      'server.listen(0, () => console.log(server.address().port))',
    )
    await project.save('server.mjs', code)
    child = spawn(process.execPath, ['server.mjs'], {
      cwd: project.folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(child.stdout!, 'data')) as [Buffer] // the only line that it prints
    url = `http://127.0.0.1:${line.toString().trim()}`
  })
  afterAll(async () => {
    const ended = once(child, 'close')
    child.kill()
    await ended
    await project.remove()
  })

  const post = (body: string | Buffer<ArrayBuffer>) => fetch(url, { method: 'POST', body })

  it('makes a picture of an upload', async () => {
    const response = await post(await readFile(join(project.folder, 'photos/landscape.jpg')))
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/webp'])
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(response.headers.get('content-length')).toBe(String(bytes.length))
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 400, height: 300 })
  })

  it('answers with the status and the code of an error, and goes on', async () => {
    for (const [body, status, code] of [
      ['hello', 415, 'UNSUPPORTED_FORMAT'],
      ['', 422, 'CORRUPT_IMAGE'],
      [Buffer.alloc(11_000_000), 413, 'INPUT_TOO_LARGE'],
    ] as const) {
      const response = await post(body)
      expect([response.status, await response.text()]).toEqual([status, code])
    }
    expect((await post(await readFile(join(project.folder, 'photos/grey.jpg')))).status).toBe(200)
  })

  it('survives clients that leave', async () => {
    const photo = await readFile(join(project.folder, 'photos/landscape.jpg'))
    const gone = new AbortController()
    const left = fetch(url, { method: 'POST', body: photo, signal: gone.signal })
    gone.abort()
    await expect(left).rejects.toThrow('aborted')
    expect((await post(photo)).status).toBe(200)
  })
})
