import { describe, expect, it } from 'vitest'
import { addValuesToBareFlags } from '../../src/cli/flags/operation-flags.js'
import { suggestPath } from '../../src/cli/output/suggest-command.js'

describe('addValuesToBareFlags', () => {
  it.each<[string[], string[]]>([
    [
      ['--grayscale', 'a.jpg'],
      ['--grayscale=true', 'a.jpg'],
    ],
    [
      ['a.jpg', '--flip', '--flop'],
      ['a.jpg', '--flip=true', '--flop=true'],
    ],
    [
      ['--flatten=white', 'a.jpg'],
      ['--flatten=white', 'a.jpg'],
    ],
    [
      ['--rotate', '90', '--thumbnail', '50'],
      ['--rotate', '90', '--thumbnail', '50'],
    ],
    [
      ['--flip', '--', '--flip'],
      ['--flip=true', '--', '--flip'],
    ],
  ])('completes bare flags of operations that accept true: %j', (typed, completed) => {
    expect(addValuesToBareFlags(typed)).toEqual(completed)
  })
})

describe('suggestPath', () => {
  it.each<[string[], string]>([
    [['run', 'photos', '-p', 'web'], "imgproc run photos -p web --path '{name}'"],
    [['run', '--path', 'x', 'photos'], "imgproc run photos --path '{name}'"],
    [['run', '--path=x', "it's.jpg"], String.raw`imgproc run 'it'\''s.jpg' --path '{name}'`],
    [['run', 'Trip [Rome]/**', '$HOME', ''], "imgproc run 'Trip [Rome]/**' '$HOME' '' --path '{name}'"],
    [['run', '--', '-x.jpg', '--path'], "imgproc run --path '{name}' -- -x.jpg --path"],
  ])('replaces --path and quotes words: %j', (typed, expected) => {
    expect(suggestPath(typed)('{name}')).toBe(expected)
  })
})
