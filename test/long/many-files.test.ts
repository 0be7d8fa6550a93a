import { link } from 'node:fs/promises'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { BIN, shell } from '../cli/command.js'
import { makeProject } from '../support/project.js'

const COUNT = 3000

describe.runIf(process.platform !== 'win32')('a run of thousands of files', () => {
  it('succeeds with a limit of 256 open files', async () => {
    const project = await makeProject()
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
    const image = sharp({ create: { width: 64, height: 48, channels: 3, background: 'grey', noise } })
    await project.write('photos/0.jpg', await image.jpeg().toBuffer())
    for (let index = 1; index < COUNT; index++)
      await link(project.at('photos/0.jpg'), project.at(`photos/${index}.jpg`))

    const command = `"${process.execPath}" "${BIN}" thumbs photos --quiet`
    const ended = await shell(project, `ulimit -n 256; exec ${command}`)
    expect(ended).toEqual({ code: 0, signal: null, stdout: '', stderr: '' })
    expect(await project.files('thumbs')).toHaveLength(COUNT + 1)
  })
})
