import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createByteSpool } from '../../../src/utils/spool/byte-spool.js'
import { openProject } from '../../support/project.js'

const MEGABYTE = 1024 * 1024

/** Returns bytes that differ from place to place. */
function bytesFrom(start: number, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => ((start + at) * 31 + ((start + at) >> 8)) % 251))
}

describe('a byte spool', () => {
  it.each([
    ['in memory', 100 * MEGABYTE],
    ['in a file', MEGABYTE],
    ['in a file from the first byte on', 0],
  ])('reads back at any place what was appended, %s', async (_, memory) => {
    const { path: folder } = await openProject()
    const part = fc.nat({ max: 400_000 })
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 8 }),
        fc.array(fc.tuple(fc.nat(), part), { maxLength: 20 }),
        (parts, reads) => {
          const spool = createByteSpool({ memory, folder })
          let length = 0
          for (const size of parts) {
            spool.append(bytesFrom(length, size))
            length += size
          }
          expect(spool.length()).toBe(length)
          for (const [place, size] of [...reads, [0, length] as const]) {
            const from = length === 0 ? 0 : place % length
            const to = Math.min(from + size, length)
            expect(spool.read(from, to).equals(bytesFrom(from, to - from))).toBe(true)
            const page = Buffer.alloc(size)
            expect(spool.read(from, to, page).equals(bytesFrom(from, to - from))).toBe(true)
          }
        },
      ),
      { numRuns: 10 },
    )
  })

  it('leaves no file that has a name', async () => {
    const { path: folder } = await openProject()
    const spool = createByteSpool({ memory: 0, folder })
    spool.append('text')
    expect(readdirSync(folder)).toEqual([])
    expect(spool.read(0, 4).toString()).toBe('text')
  })

  it('stays in memory if no file can be written', () => {
    const spool = createByteSpool({ memory: 0, folder: '/no/such/folder' })
    spool.append(bytesFrom(0, MEGABYTE))
    spool.append('end')
    expect(spool.read(MEGABYTE - 1, MEGABYTE + 3)).toEqual(
      Buffer.concat([bytesFrom(MEGABYTE - 1, 1), Buffer.from('end')]),
    )
  })
})
