import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { checkTerminals } from '../../src/cli/flags/check-terminal.js'
import { duration } from '../../src/cli/flags/parse-values.js'
import { readManifest } from '../../src/manifest/read-manifest.js'
import { makeProject } from '../support/project.js'
import { imgprocs } from './command.js'

describe('checkTerminals', () => {
  const terminals = { stdin: true, stdout: true }

  it('refuses to write an image to a terminal, or to read one from it', () => {
    expect(() => checkTerminals({ inputs: ['a.jpg'], out: '-' }, terminals)).toThrow(
      /^Refusing to write an image to the terminal\./,
    )
    expect(() => checkTerminals({ inputs: ['-'] }, terminals)).toThrow(
      /reads an image from stdin, which is a terminal/,
    )
  })

  it('accepts pipes and files', () => {
    expect(() => {
      checkTerminals({ inputs: ['-'], out: '-' }, { stdin: false, stdout: false })
      checkTerminals({ inputs: ['a.jpg'], out: 'out' }, terminals)
    }).not.toThrow()
  })
})

describe('duration', () => {
  it('parses whole seconds, with or without a unit', () => {
    expect(['10', '10s', '2m', '2 min', '1h'].map((text) => duration(text))).toEqual([10, 10, 120, 120, 3600])
    for (const text of ['', '0', '1.5s', '10x'])
      expect(() => duration(text)).toThrow('Expected whole seconds')
  })
})

describe('imgproc list ops', () => {
  it('shows the named operations in full, wrapped, with allowed values and defaults', async () => {
    const [trim, resize, unknown] = await imgprocs(await makeProject(), [
      ['list', 'ops', 'trim', 'auto-orient'],
      ['list', 'ops', 'resize'],
      ['list', 'ops', 'resiz'],
    ])
    expect(trim?.stdout).toBe(
      [
        'trim',
        '  Removes borders of one colour.',
        '  --trim',
        '    threshold   Maximum difference from the border colour, 0 to 255. A picture',
        '                with a side of 1 or 2 pixels stays as it is. (default: 10)',
        '    background  Border colour; by default that of the top left pixel.',
        '    margin      Pixels of the border to keep. (0 to 10000; default: 0)',
        '',
        'autoOrient',
        '  Applies the EXIF orientation before all other operations; on by default.',
        '  --auto-orient=false',
        '    enabled  `false` keeps the stored pixels and the orientation tag.',
        '',
        '',
      ].join('\n'),
    )
    expect(resize?.stdout).toContain('(cover, contain, fill, inside,')
    expect(Math.max(...(resize?.stdout ?? '').split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(unknown).toMatchObject({
      code: 2,
      stderr: 'error There is no operation "resiz". Did you mean "resize"?\n',
    })
  })
})

describe('outputs in the folder of their sources', () => {
  it('are warned of, and are no inputs of a run to another folder', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'photos/a.jpg', 'photos/b.jpg')
    const [mixed, apart, again, other] = await imgprocs(project, [
      ['run', 'photos', '-p', 'thumb', '-o', 'photos'],
      ['run', 'photos', '-p', 'thumb', '-o', 'out'],
      ['run', 'photos', '-p', 'thumb', '-o', 'photos', '--path', '{dir}/small/{name}.{ext}'],
      ['run', 'photos/a.thumb.jpg', '-p', 'web', '-o', 'other'],
    ])
    expect(mixed?.stderr).toContain('warning Outputs are written beside their sources, such as photos/a.jpg.')
    expect(apart?.stderr).toMatch(/^2 written from 2 images/)
    expect(again?.stderr).not.toContain('warning')
    // An output alone is an input like any other.
    expect(other?.stderr).toMatch(/^1 written from 1 image/)
    const { entries } = await readManifest(project.at('out/manifest.json'))
    expect(entries.map(({ source }) => source.path)).toEqual(['photos/a.jpg', 'photos/b.jpg'])
    expect(await readFile(project.at('out/.imgproc/.gitignore'), 'utf8')).toBe('*\n')
  })
})
