import { describe, expect, it } from 'vitest'
import { sourceId } from '../../src/jobs/source-id.js'
import { isInShard, parseShard, readShardFile, toShardFile } from '../../src/plan/shard.js'
import { stateFolder } from '../../src/state/state-folder.js'

const IDS = Array.from({ length: 3000 }, (_, index) => sourceId(`photos/${index}.jpg`))

describe('shards', () => {
  it('take every source once, in parts of about the same size', () => {
    const parts = [1, 2, 3].map((index) => IDS.filter((id) => isInShard(id, { index, count: 3 })))
    expect(parts.flat().toSorted()).toEqual(IDS.toSorted())
    for (const part of parts) expect(Math.abs(part.length - 1000)).toBeLessThan(120)
  })

  it('take the same sources on every machine and with every version', () => {
    const found = IDS.slice(0, 8).map((id) => [1, 2, 3].find((index) => isInShard(id, { index, count: 3 })))
    expect(found).toEqual([2, 3, 2, 1, 1, 2, 1, 1])
  })

  it.each(['0/3', '4/3', '1', '1/0', '1/3/5', '-1/3', '1.5/3', '', 'a/b', ' 1/3'])('reject "%s"', (text) => {
    const message = `"${text}" is not a shard. Expected INDEX/COUNT, such as 1/5 to 5/5.`
    expect(() => parseShard(text)).toThrow(
      expect.objectContaining({ code: 'INVALID_USAGE', message, stage: 'usage' }),
    )
  })

  it('are parsed from INDEX/COUNT', () => {
    expect(parseShard('2/5')).toEqual({ index: 2, count: 5 })
    expect(parseShard('1/1')).toEqual({ index: 1, count: 1 })
    expect(parseShard('99/100000')).toEqual({ index: 99, count: 100_000 })
  })

  it.each([
    ['out/manifest.json', 'out/manifest-2-of-5.json'],
    ['s3://bucket/a.b/list.ndjson', 's3://bucket/a.b/list-2-of-5.ndjson'],
    ['out.d/manifest', 'out.d/manifest-2-of-5'],
  ])('have their own manifest beside %s', (whole, own) => {
    expect(toShardFile(whole, { index: 2, count: 5 })).toBe(own)
    expect(readShardFile(own)).toEqual({ index: 2, count: 5, whole })
    expect(readShardFile(whole)).toBeUndefined()
  })

  it('are numbered by any number of digits, and named at the end only', () => {
    expect(readShardFile('m-12-of-345.json')).toEqual({ index: 12, count: 345, whole: 'm.json' })
    expect(readShardFile('1-of-2-1-of-2.json')).toEqual({ index: 1, count: 2, whole: '1-of-2.json' })
    expect(readShardFile('a\nb-1-of-2')).toEqual({ index: 1, count: 2, whole: 'a\nb' })
    expect(readShardFile('m-1-of-2/m.json')).toBeUndefined()
    expect(readShardFile('m-1-of-2.old.json')).toBeUndefined()
  })

  it('have their own state folders', () => {
    expect(stateFolder('out', undefined)).toBe('out/.imgproc')
    expect(stateFolder('out', { index: 2, count: 5 })).toBe('out/.imgproc/2-of-5')
  })
})
