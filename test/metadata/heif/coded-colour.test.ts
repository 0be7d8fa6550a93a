import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readHeif } from '../../../src/metadata/heif.js'
import { transform } from '../../../src/transform.js'
import { avifs } from '../../../torture/grammar/avif.js'
import { replaceBytesInBits } from '../../../torture/grammar/replace-bytes.js'

/** A HEIC of 64x64 pixels of 200,110,90 by heif-enc 1.15.1: no colr box; the codes 2, 2 and 6 in the VUI. */
const HEIC = Buffer.from(
  `AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAUFtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAA
AA5waXRtAAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAFlAAEAAAAAAAAAHQAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEA
AGh2YzEAAAAAwWlwcnAAAACjaXBjbwAAAHdodmNDAQQIAAAAAAAAAAAAHvAA/P/4+AAADwMgAAEAF0ABDAH//wQIAAADAJ44AAAD
AAAeugJAIQABACpCAQEECAAAAwCeOAAAAwAAHpAEECCy3UklNc3AgIGBAAADAAEAAAMAAQgiAAEACEQBwXKGDAIkAAAAFGlzcGUA
AAAAAAAAQAAAAEAAAAAQcGl4aQAAAAADCAgIAAAAFmlwbWEAAAAAAAAAAQABA4ECgwAAACVtZGF0AAAAGSgBrwa4Y7DQfryP//+L
+/of1QOp/4iNoP8=`,
  'base64',
)
const HEIC_P3 = replaceBytesInBits(HEIC, [2, 2, 6], [12, 13, 6])

/** Returns the first pixel as sRGB. */
async function firstPixel(bytes: Uint8Array): Promise<number[]> {
  const { data } = await transform(bytes, [{ format: 'png' }])
  return [...(await sharp(data).raw().toBuffer()).subarray(0, 3)]
}

describe('the colours of a HEIC without a colr box', () => {
  it('are those of its HEVC data', async () => {
    expect(readHeif(HEIC_P3)?.codes).toEqual({ primaries: 12, transfer: 13, matrix: 6, isFullRange: true })
    expect(await firstPixel(HEIC_P3)).toEqual([215, 104, 85])
  })

  it('are sRGB if the HEVC data leaves them open', async () => {
    expect(readHeif(HEIC)?.codes).toEqual({ primaries: 2, transfer: 2, matrix: 6, isFullRange: true })
    expect(await firstPixel(HEIC)).toEqual([201, 110, 91])
  })

  it('do not keep a file with damaged HEVC headers from being read', async () => {
    const end = HEIC.indexOf('ispe') - 4
    for (let start = HEIC.indexOf('hvcC') + 4 + 22; start < end; start++) {
      const damaged = Buffer.from(HEIC).fill(0, start, end)
      expect(readHeif(damaged)?.size).toEqual({ width: 64, height: 64 })
    }
  })
})

describe('the colours of an AVIF without a colr box', () => {
  it('are those of its AV1 data, to which a colr box takes precedence', async () => {
    const read = new Map<string, unknown>()
    for await (const { name, bytes } of avifs()) read.set(name, readHeif(bytes)?.codes)
    const isFullRange = true
    expect(read.get('AV1 data 12/13')).toEqual({ primaries: 12, transfer: 13, matrix: 6, isFullRange })
    expect(read.get('AV1 data 9/16')).toEqual({ primaries: 9, transfer: 16, matrix: 6, isFullRange })
    expect(read.get('nclx 12/13')).toEqual({ primaries: 12, transfer: 13, matrix: 0, isFullRange })
    expect(read.get('no colours')).toEqual({ primaries: 1, transfer: 13, matrix: 0, isFullRange })
  })
})
