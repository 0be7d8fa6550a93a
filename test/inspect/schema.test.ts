import { readdir, readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { makeProject } from '../support/project.js'
import { imgproc } from '../cli/command.js'

const ROOT = new URL('../../', import.meta.url)

describe('dist/inspection.schema.json', () => {
  let validate: ReturnType<Ajv2020['compile']>
  beforeAll(async () => {
    const schema = JSON.parse(await readFile(new URL('dist/inspection.schema.json', ROOT), 'utf8')) as object // the build's
    validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema)
  })

  it('describes every line that inspect prints about the photos of this package, and no other key', async () => {
    const project = await makeProject()
    const names = (await readdir(new URL('fixtures/photos', ROOT))).filter((name) => /\.\w+$/.test(name))
    for (const name of names) await project.copy(`photos/${name}`, `photos/${name}`)
    await project.write('photos/broken.jpg', 'no picture')
    const { code, stdout } = await imgproc(project, ['inspect', 'photos', '--json', '--gps'])
    expect(code).toBe(1)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.length).toBe(names.length + 1)
    for (const line of lines) {
      const found: unknown = JSON.parse(line)
      expect(validate(found), `${line}\n${JSON.stringify(validate.errors)}`).toBe(true)
    }
    expect(validate({ ...(JSON.parse(lines[0]!) as object), unknown: 1 })).toBe(false)
  })
})
