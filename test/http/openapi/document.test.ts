import { readFile, rm } from 'node:fs/promises'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createToken, hashToken } from '../../../src/http/access/tokens.js'
import { createHandler } from '../../../src/http/create-handler.js'
import type { Handler } from '../../../src/http/types.js'
import { operations } from '../../../src/operations/parse-operations.js'
import { openProject, type Project } from '../../support/project.js'

interface Response {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly example?: string }[]
  readonly responses: Readonly<Record<string, Response>>
}
interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: object
}

const token = createToken()
const tokens = [{ id: 'all', hash: hashToken(token), scopes: ['read', 'write', 'admin'] as const }]

let project: Project
let handler: Handler
let document: Document
let image: string

/** Asks the server, and checks the answer against the description of a path's method. Returns the parsed answer. */
async function ask(path: string, template: string, init: RequestInit = {}): Promise<unknown> {
  const method = init.method ?? 'GET'
  const request = new Request(`http://localhost${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string> | undefined) },
  })
  const response = await handler.fetch(request)
  const described = document.paths[template]?.[method.toLowerCase()]?.responses[response.status]
  expect(described, `${method} ${template} answers ${response.status}`).toBeDefined()
  const type = response.headers.get('content-type')?.split(';')[0] ?? ''
  const schema = described?.content?.[type.replace(/^image\/.*/, 'image/*')]?.schema
  expect(schema, `${method} ${template} answers ${type}`).toBeDefined()
  if (!type.endsWith('json')) return response.arrayBuffer()
  const answer: unknown = await response.json()
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema({ $id: 'document', components: document.components })
  const text = JSON.stringify(schema).replaceAll('#/components', 'document#/components')
  const validate = ajv.compile(JSON.parse(text) as object)
  validate(answer)
  expect(validate.errors ?? []).toEqual([])
  return answer
}

beforeAll(async () => {
  project = await openProject()
  await project.copy('photos/landscape.jpg', 'photos/landscape.jpg')
  const presets = { card: { ops: [{ thumbnail: 40 }] }, broken: { ops: [{ crop: '9000x9000' as const }] } }
  handler = createHandler({ root: project.path, sources: { photos: './photos' }, presets, tokens })
  const response = await handler.fetch(new Request('http://localhost/openapi.json'))
  document = (await response.json()) as Document
  image = (await readFile(project.at('photos/landscape.jpg'))).toString('base64')
})

afterAll(async () => {
  await handler.close()
  await rm(project.path, { recursive: true })
})

describe('/openapi.json', () => {
  it('is valid OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate({ ...document })
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined })
    expect(document.openapi).toMatch(/^3\.1\./)
  })

  it('has a parameter for each operation, whose example works', async () => {
    const { parameters = [] } = document.paths['/photos/{path}']?.['get'] ?? {}
    const names = parameters.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(operations.map(({ name }) => name)))
    // An example may name a file, which a URL can't.
    const examples = parameters.filter(({ name, example }) => example !== undefined && name !== 'watermark')
    expect(examples).toHaveLength(operations.length - 1)
    for (const { name, example = '' } of examples) {
      await ask(`/photos/landscape.jpg?${name}=${encodeURIComponent(example)}`, '/photos/{path}')
    }
  })

  it('lists presets only, if the server takes nothing else', async () => {
    const strict = createHandler({ root: project.path, sources: { photos: './photos' }, only: 'presets' })
    const response = await strict.fetch(new Request('http://localhost/openapi.json'))
    const { paths } = (await response.json()) as Document
    const names = paths['/photos/{path}']?.['get']?.parameters?.map(({ name }) => name)
    expect(names).toEqual(['preset', 'width', 'dpr', 'v', 'key', 'expires', 'signature'])
    await strict.close()
  })

  it('describes the answers of every route', async () => {
    const upload = (body: object) => ({
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'wait=30' },
      body: JSON.stringify(body),
    })
    const images = '/v1/images'
    const made = { type: 'base64', data: image, filename: 'a.jpg', preset: ['card'], ttl: '1h' }
    const { id } = (await ask(images, images, upload(made))) as { id: string }
    const one = '/v1/images/{id}'
    expect(await ask(`${images}/${id}`, one)).toMatchObject({
      status: 'ready',
      outputs: [{ status: 'ready' }],
    })
    await ask(`${images}/${id}/outputs`, `${one}/outputs`, upload({ preset: 'broken' }))
    await expect(ask(`${images}/${id}`, one)).resolves.toMatchObject({ status: 'partial' })
    const form = new FormData()
    for (const name of ['a.jpg', 'b.jpg'])
      form.append('image', new Blob([Buffer.from(image, 'base64')]), name)
    expect(await ask(images, images, { method: 'POST', body: form })).toHaveLength(2)
    expect(await ask(`${images}?limit=2`, images)).toMatchObject({ next: expect.any(String) })
    await ask(`${images}/${id}/download?preset=card`, `${one}/download`)
    await ask(`${images}/${id}.webp?thumbnail=20`, `${one}.{extension}`)
    await ask(`${images}/${id}`, one, { method: 'DELETE' })
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json']) await ask(path, path)
  })

  it('describes problems', async () => {
    const images = '/v1/images'
    const missing = '/v1/images/01931f7e-8c5a-7b3e-9d2a-0a1b2c3d4e5f'
    const one = '/v1/images/{id}'
    const unknown = { headers: { authorization: 'Bearer unknown' } }
    const problems = [
      await ask(missing, one),
      await ask(missing, one, { method: 'DELETE' }),
      await ask(missing, one, unknown),
      await ask(`${images}?limit=x`, images),
      await ask(images, images, { method: 'POST', body: 'no image' }),
      await ask('/photos/landscape.jpg?blurr=2', '/photos/{path}'),
      await ask('/photos/missing.jpg?blur=2', '/photos/{path}'),
    ]
    expect(problems.map((problem) => (problem as { status: number }).status)).toEqual([
      404, 404, 401, 400, 415, 400, 404,
    ])
  })
})
