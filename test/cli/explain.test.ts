import { describe, expect, it } from 'vitest'
import { ERRORS } from '../../src/errors.js'
import { makeProject } from '../support/project.js'
import { imgproc } from './command.js'

describe('imgproc explain', () => {
  it('shows causes and remedies of codes, in any spelling, in lines that fit', async () => {
    const { code, stdout, stderr } = await imgproc(await makeProject(), [
      'explain',
      'corrupt_image',
      'OUTPUT-LOCKED',
    ])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(
      /^CORRUPT_IMAGE\n\nThe source is damaged[^]*\n- [^]*\n\nOUTPUT_LOCKED\n\nAnother run/,
    )
    expect(stdout).toContain('Many\n  machines (docs/many-machines.md).')
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it('lists all codes with their meanings', async () => {
    const { stdout } = await imgproc(await makeProject(), ['explain'])
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => line.split(' ')[0])).toEqual(Object.keys(ERRORS))
    for (const line of lines) expect(line).toMatch(/^[A-Z_]+ {2,}\S.*\.$/)
  })

  it('suggests the code that was meant', async () => {
    const { code, stderr } = await imgproc(await makeProject(), ['explain', 'CORUPT_IMAGE'])
    expect(code).toBe(2)
    expect(stderr).toBe('error There is no error code "CORUPT_IMAGE". Did you mean "CORRUPT_IMAGE"?\n')
  })

  it('is named once by a command whose images failed, and by an error that comes from elsewhere', async () => {
    const project = await makeProject()
    await project.copy('broken/empty.jpg', 'photos/a.jpg', 'photos/b.jpg')
    await project.copy('broken/text.jpg', 'photos/c.jpg')
    const { stderr } = await imgproc(project, ['thumbs', 'photos'])
    expect(stderr.match(/^help: .*$/gm)).toEqual(['help: imgproc explain CORRUPT_IMAGE UNSUPPORTED_FORMAT'])
    expect((await imgproc(project, ['thumbs', 'photos', '--quiet'])).stderr).not.toContain('help:')
    const enqueued = await imgproc(project, [
      'enqueue',
      'photos',
      '-p',
      'thumb',
      '--queue',
      'redis://127.0.0.1:1',
    ])
    expect(enqueued.stderr).toMatch(/^error .*\nhelp: imgproc explain QUEUE_UNAVAILABLE\n$/)
    expect((await imgproc(project, ['thumbs', 'nothing'])).stderr).not.toContain('help:')
  })
})
