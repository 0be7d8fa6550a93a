import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { makeProject } from '../support/project.js'
import { imgproc } from './command.js'

describe('imgproc inspect', () => {
  it('describes one image in full, with its palette and what presets would lose', async () => {
    const project = await makeProject()
    await project.copy('photos/alpha.png', 'a.png')
    const { code, stdout, stderr } = await imgproc(project, ['inspect', 'a.png', '-p', 'social,thumb'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^a\.png\n {2}format +png\n {2}size +\d+x\d+, /)
    expect(stdout).toMatch(/^ {2}colour +srgb, 8 bits a channel, 4 channels, alpha$/m)
    expect(stdout).toMatch(/^ {2}palette +#[\da-f]{6} \d+ %/m)
    expect(stdout).toMatch(/^ {2}lost by +social: transparency: the background becomes white$/m)
    expect(stdout).toMatch(/^ {11,}thumb: nothing$/m)
    // An analysis that found nothing has no line.
    expect(stdout).not.toContain('caption')
  })

  it('compares with the presets of the config, if it has some', async () => {
    const project = await makeProject()
    await project.copy('photos/alpha.png', 'a.png')
    await project.write('imgproc.config.json', '{ "presets": { "mine": { "extends": "web" } } }')
    const { stdout } = await imgproc(project, ['inspect', 'a.png', '--analyze', 'none'])
    expect(stdout).toMatch(/lost by +mine: nothing/)
    expect(stdout).not.toMatch(/palette|thumb/)
  })

  it('lists several images in a table that fits the terminal, whatever their names are', async () => {
    const project = await makeProject()
    const long = `${'x'.repeat(150)}.jpg`
    await project.copy('photos/landscape.jpg', `photos/${long}`, 'photos/風景の写真.jpg')
    await project.copy('photos/animated.gif', 'photos/b.gif')
    const columns = Object.getOwnPropertyDescriptor(process.stdout, 'columns')
    Object.defineProperty(process.stdout, 'columns', { value: 80, configurable: true })
    try {
      const { stdout } = await imgproc(project, ['inspect', 'photos'])
      const lines = stdout.trimEnd().split('\n')
      expect(lines[0]).toMatch(/^file +format +size +bytes +colour +notes$/)
      expect(lines).toHaveLength(4)
      expect(lines.filter((line) => line.length > 80)).toEqual([])
      expect(lines[1]).toMatch(/gif +\d+x\d+ .* frames/)
      expect(lines[2]).toContain('…')
      // A character of Chinese takes two columns.
      expect(lines[3]!.indexOf('jpeg')).toBe(lines[2]!.indexOf('jpeg') - 5)
    } finally {
      Object.defineProperty(process.stdout, 'columns', columns ?? { value: undefined, configurable: true })
    }
  })

  it('prints no control characters, wherever they come from', async () => {
    const project = await makeProject()
    const jpeg = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
      .withExif({ IFD0: { ImageDescription: 'a\u001B[31mred' } })
      .jpeg()
      .toBuffer()
    await project.write('a\u001B[2J\u202E.jpg', jpeg)
    const { stdout } = await imgproc(project, ['inspect', '.', '-p', 'none'])
    // oxlint-disable-next-line no-control-regex -- the ones that must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202a-\u202e]/)
    expect(stdout).toContain('description  a [31mred')
  })

  it('shows a position only with --gps', async () => {
    const project = await makeProject()
    const gps = {
      GPSLatitudeRef: 'S',
      GPSLatitude: '10/1 30/1 0/1',
      GPSLongitudeRef: 'E',
      GPSLongitude: '20/1 0/1 0/1',
    }
    const jpeg = await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
      .withExif({ IFD3: gps })
      .jpeg()
      .toBuffer()
    await project.write('a.jpg', jpeg)
    expect((await imgproc(project, ['inspect', 'a.jpg'])).stdout).toMatch(/position +yes: /)
    for (const flags of [[], ['--json']])
      expect((await imgproc(project, ['inspect', 'a.jpg', ...flags])).stdout).not.toContain('10.5')
    expect((await imgproc(project, ['inspect', 'a.jpg', '--gps'])).stdout).toMatch(/position +-10\.5, 20$/m)
  })

  it('goes on after an image that can not be read, and fails in the end', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'b.jpg')
    await project.write('a.jpg', 'no picture')
    const { code, stdout, stderr } = await imgproc(project, ['inspect', 'a.jpg', 'b.jpg', 'c.jpg'])
    expect(code).toBe(1)
    expect(stdout).toContain('b.jpg')
    expect(stderr).toMatch(/failed a\.jpg: UNSUPPORTED_FORMAT[^]*failed c\.jpg: INPUT_NOT_FOUND/)
  })
})
