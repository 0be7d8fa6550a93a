import { expect, it } from 'vitest'
import sharp from 'sharp'
import { createHandler } from '../../src/http/index.js'
import { readFacePhoto } from '../support/faces.js'
import { makeProject } from '../support/project.js'

it('a server crops to faces and redacts them on the fly, in every size to the same place', async () => {
  const project = await makeProject()
  await project.write('in/people.jpg', await readFacePhoto('sample6.jpg'))
  const handler = createHandler({ sources: { in: project.at('in') }, root: project.path })
  const ask = async (query: string) => {
    const answer = await handler.fetch(new Request(`http://localhost/in/people.jpg?${query}`))
    expect(answer.status).toBe(200)
    return Buffer.from(await answer.arrayBuffer())
  }
  const small = await ask('crop=aspect=2:position=faces&width=100&format=png')
  const large = await ask('crop=aspect=2:position=faces&width=300&format=png')
  expect(await sharp(small).metadata()).toMatchObject({ width: 100, height: 50 })
  const [a, b] = await Promise.all(
    [small, large].map((bytes) =>
      sharp(bytes).resize(50, 25, { fit: 'fill' }).removeAlpha().raw().toBuffer(),
    ),
  )
  expect(a!.reduce((sum, value, at) => sum + Math.abs(value - b![at]!), 0) / a!.length).toBeLessThan(3)
  const plain = await ask('thumbnail=400&format=png')
  expect((await ask('redact=faces&thumbnail=400&format=png')).equals(plain)).toBe(false)
  await handler.close()
})

it('a server finds what presets of an upload need, and makes their outputs', async () => {
  const project = await makeProject()
  const presets = {
    card: { ops: [{ crop: { aspect: '1', position: 'faces' as const } }, { thumbnail: 100 }] },
  }
  const handler = createHandler({ store: project.at('store'), root: project.path, presets })
  const form = new FormData()
  form.set(
    'file',
    new File([new Uint8Array(await readFacePhoto('sample6.jpg'))], 'people.jpg', { type: 'image/jpeg' }),
  )
  form.set('preset', 'card')
  const posted = await handler.fetch(
    new Request('http://localhost/v1/images', { method: 'POST', body: form }),
  )
  expect([200, 201, 202]).toContain(posted.status)
  const { id } = (await posted.json()) as { id: string }
  await handler.settle()
  const record = await (await handler.fetch(new Request(`http://localhost/v1/images/${id}`))).json()
  expect(record).toMatchObject({
    analysis: { faces: { faces: [{}, {}, {}, {}] } },
    outputs: [{ preset: 'card' }],
  })
  await handler.close()
})
