import { describe, expect, it } from 'vitest'
import { joinOptionalValues } from '../../src/cli/flags/optional-values.js'
import { suggestPlacement } from '../../src/cli/output/suggest-command.js'
import { ImgprocError } from '../../src/errors.js'
import { makeProject } from '../support/project.js'
import { imgprocs } from './command.js'
import type { Ended } from './in-process.js'

describe('joinOptionalValues', () => {
  it.each<[string, string]>([
    ['--grayscale a.jpg', '--grayscale=true a.jpg'],
    ['a.jpg --flip --flop', 'a.jpg --flip=true --flop=true'],
    ['--flatten=white a.jpg', '--flatten=white a.jpg'],
    ['--rotate 90 --thumbnail 50', '--rotate 90 --thumbnail 50'],
    ['--flip -- --flip', '--flip=true -- --flip'],
    ['--flatten black a.jpg', '--flatten=black a.jpg'],
    ['--flatten #00f a.jpg', '--flatten=#00f a.jpg'],
    ['--trim 20 a.jpg', '--trim=20 a.jpg'],
    ['--trim ./20', '--trim=true ./20'],
    ['--flip true a.jpg', '--flip=true a.jpg'],
    ['--auto-orient false a.jpg', '--auto-orient=false a.jpg'],
    ['--normalize lower=5 a.jpg', '--normalize=lower=5 a.jpg'],
    ['--trim --flatten black --flip', '--trim=true --flatten=black --flip=true'],
    ['--trim photos/**', '--trim=true photos/**'],
    ['--trim s3://bucket/a.jpg', '--trim=true s3://bucket/a.jpg'],
    ['--trim -', '--trim=true -'],
    ['--trim', '--trim=true'],
  ])('joins flags to their values, not to inputs: %s', async (typed, joined) => {
    const project = await makeProject()
    await project.touch('a.jpg', ...(typed.includes('./20') ? ['20'] : []))
    expect(joinOptionalValues(typed.split(' '), project.path)).toEqual(joined.split(' '))
  })

  it.each<[string, string]>([
    [
      '--grayscale false',
      'is neither a value of --grayscale nor an existing file. --grayscale takes no value',
    ],
    ['--flatten blakc', 'Write a value as in --flatten=white.'],
    ['--trim a.jgp', 'Write a value as in --trim=10.'],
    ['--trim 20', 'may be a value or a file. Write --trim=20 for the value, or ./20 for the file.'],
  ])('rejects a word that may be both, or is neither: %s', async (typed, message) => {
    const project = await makeProject()
    await project.touch('a.jpg', '20')
    const error = catchError(() => joinOptionalValues(typed.split(' '), project.path))
    expect(error).toMatchObject({
      code: 'INVALID_USAGE',
      message: expect.stringContaining(message) as string,
    })
  })
})

function catchError(work: () => unknown): ImgprocError | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    return error instanceof ImgprocError ? error : undefined
  }
}

describe('a value after a space', () => {
  it('gives the same picture as one after =, and is no input', async () => {
    const project = await makeProject()
    await project.copy('photos/alpha.png', 'a.png')
    const [apart, joined, none] = await imgprocs(project, [
      ['run', '--flatten', 'black', 'a.png', '-o', 'apart', '--json'],
      ['run', '--flatten=black', 'a.png', '-o', 'joined', '--json'],
      ['run', '--flatten', 'a.png', '-o', 'none', '--json'],
    ])
    const hashOf = (ended: Ended | undefined) => /"hash":"([^"]+)"/.exec(ended?.stdout ?? '')?.[1]
    expect(apart).toMatchObject({ code: 0 })
    expect(apart?.stdout).toContain('"total":1,')
    expect(hashOf(apart)).toBe(hashOf(joined))
    expect(hashOf(none)).not.toBe(hashOf(joined))
  })
})

describe('suggestPlacement', () => {
  it.each<[string[], string]>([
    [['run', 'photos', '-p', 'web'], "imgproc run photos -p web --path '{name}'"],
    [['run', '--path', 'x', 'photos'], "imgproc run photos --path '{name}'"],
    [['run', '--path=x', "it's.jpg"], String.raw`imgproc run 'it'\''s.jpg' --path '{name}'`],
    [['run', 'Trip [Rome]/**', '$HOME', ''], "imgproc run 'Trip [Rome]/**' '$HOME' '' --path '{name}'"],
    [['run', '--', '-x.jpg', '--path'], "imgproc run --path '{name}' -- -x.jpg --path"],
  ])('replaces --path and quotes words: %j', (typed, expected) => {
    expect(suggestPlacement(typed)({ path: '{name}' })).toBe(expected)
  })

  it('replaces --base', () => {
    const suggest = suggestPlacement(['run', 'a', 'b', '--base=x'])
    expect(suggest({ base: '.' })).toBe('imgproc run a b --base .')
    expect(suggest({ base: '.', path: 'x' })).toBe('imgproc run a b --base . --path x')
  })
})
