import type { Job } from '../../src/jobs/types.js'
import { describe, expect, it } from 'vitest'
import {
  checkOverwrites,
  checkPipeOutput,
  checkShardInputs,
  checkSingleOutput,
  inputsBelow,
} from '../../src/plan/output-collisions.js'
import { jobOf } from './planning.js'

const usage = (message: string, path: string) =>
  expect.objectContaining({ code: 'INVALID_USAGE', stage: 'plan', message, path })

describe('stdout', () => {
  const pipe = (path: string, ...targets: string[]) => ({ ...jobOf(path, ...targets), out: '-' })
  const advice = 'Choose a folder, s3://, gs:// or az:// for --out, or one image and one rendition.'

  it.each([
    ['2 would be made from 1 image', [pipe('a.jpg', 'a', 'b')]],
    ['3 would be made from 3 images', [pipe('a.jpg', 'a'), pipe('b.jpg', 'b'), pipe('c.jpg', 'c')]],
  ])('takes no second image: %s', (count, jobs) => {
    expect(() => checkPipeOutput(jobs)).toThrow(
      usage(`stdout takes one image (--out -), but ${count}. ${advice}`, '-'),
    )
  })

  it('takes one image, beside others that are written to folders', () => {
    expect(() => checkPipeOutput([pipe('a.jpg', 'a')])).not.toThrow()
    expect(() => checkPipeOutput([pipe('a.jpg', 'a'), jobOf('b.jpg', 'b', 'c')])).not.toThrow()
    expect(() => checkPipeOutput([jobOf('a.jpg', 'a', 'b')])).not.toThrow()
  })
})

describe('a single output file', () => {
  it.each([
    ['out/x.y.webp', 'out/x.y', [jobOf('a.jpg', 'a', 'b')], '2 outputs would be made from 1 image'],
    ['o.d/x', 'o.d/x', [jobOf('a.jpg', 'a'), jobOf('b.jpg', 'b')], '2 outputs would be made from 2 images'],
  ])('takes no second image: %s', (file, folder, jobs, count) => {
    expect(() => checkSingleOutput(jobs, file)).toThrow(
      usage(
        `--out ${file} names one file, but ${count}. ` +
          `Name a folder, such as --out ${folder}, and the format by --format. ` +
          `For a folder named ${file}, end it with a slash.`,
        file,
      ),
    )
    expect(() => checkSingleOutput(jobs, undefined)).not.toThrow()
  })

  it('takes one image', () => {
    expect(() => checkSingleOutput([jobOf('a.jpg', 'a'), jobOf('b.jpg')], 'x.webp')).not.toThrow()
  })
})

describe('inputs below an output folder', () => {
  const inside = { ...jobOf('in.jpg', 'x.jpg'), source: { ref: '/Out/sub/in.jpg', size: 1 } }
  const beside = { ...jobOf('beside.jpg', 'y.jpg'), source: { ref: '/outer/beside.jpg', size: 1 } }
  const other = { ...jobOf('other.jpg', 'z.jpg'), out: '/src' }

  it('are found by the folders of all jobs, regardless of case', () => {
    const pathsOf = (...jobs: Job[]) => [...inputsBelow(jobs)].map(([, path]) => path)
    expect(pathsOf(inside, beside)).toEqual(['in.jpg'])
    expect(pathsOf(inside, beside, jobOf('a.jpg'), other)).toEqual(['in.jpg', 'a.jpg', 'other.jpg'])
    expect(pathsOf(jobOf('a.jpg', 'a.jpg'))).toEqual([])
  })

  it('are refused by a shard', () => {
    expect(() => checkShardInputs([jobOf('a.jpg'), inside])).toThrow(
      usage(
        'The input in.jpg is in the output folder, where a shard cannot distinguish it from outputs of other shards. Choose an out (--out) that contains no inputs.',
        'in.jpg',
      ),
    )
    expect(() => checkShardInputs([jobOf('a.jpg'), beside])).not.toThrow()
  })

  it('are not overwritten, unless only the image can tell the path', () => {
    const overwritten = (target: string) => () => checkOverwrites([inside, jobOf('a.jpg', target)])
    expect(overwritten('sub/in.jpg')).toThrow(
      expect.objectContaining({ code: 'OUTPUT_OVERWRITES_INPUT', stage: 'plan', path: 'in.jpg' }),
    )
    expect(overwritten('sub/{width}.jpg')).not.toThrow()
    expect(overwritten('sub/in2.jpg')).not.toThrow()
  })
})
