import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBacklog } from '../../../src/utils/spool/backlog.js'
import { createRepeatDetector, findRepeated } from '../../../src/utils/spool/repeated-texts.js'
import { createSortedSpool } from '../../../src/utils/spool/sorted-spool.js'
import { createSpool } from '../../../src/utils/spool/spool.js'
import { createTextIndex } from '../../../src/utils/spool/text-index.js'

const json = {
  encode: (value: unknown) => JSON.stringify(value),
  decode: (text: string): never => JSON.parse(text) as never,
}
/** Text with line feeds, and longer than the pages in which spools are read. */
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a\nb', 'x'.repeat(70_000), ''))
const plain = fc.constantFrom(0, 1, 3, 100)

describe('a spool', () => {
  it('is read as often as needed, in the order of its values', () => {
    fc.assert(
      fc.property(fc.array(text), plain, (values, limit) => {
        const spool = createSpool<string>(json, limit)
        const lengths = values.map((value) => {
          spool.add(value)
          return [...spool].length
        })
        expect(lengths).toEqual(values.map((_, at) => at + 1))
        expect(spool.length).toBe(values.length)
        expect([...spool]).toEqual(values)
        expect([...spool]).toEqual(values)
      }),
    )
  })

  it('keeps the first values as they are', () => {
    const [first, second] = [{ id: 1 }, { id: 2 }]
    const spool = createSpool<object>(json, 2)
    spool.add(first)
    spool.add(second)
    expect([...spool][1]).toBe(second)
    spool.add({ id: 3 })
    expect([...spool]).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
  })
})

describe('a sorted spool', () => {
  it('sorts as an array does, and keeps equal values in their order', () => {
    const value = fc.tuple(fc.nat({ max: 9 }), text)
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 60 }),
        fc.constantFrom(1, 2, 7, 100),
        fc.boolean(),
        (values, limit, isInOrder) => {
          const compare = ([a]: readonly [number, string], [b]: readonly [number, string]) => a - b
          const given = isInOrder ? values.toSorted(compare) : values
          const spool = createSortedSpool<readonly [number, string]>(json, compare, limit)
          given.forEach(spool.add)
          expect(spool.length).toBe(values.length)
          expect([...spool]).toEqual(given.toSorted(compare))
          expect([...spool]).toEqual(given.toSorted(compare))
        },
      ),
    )
  })
})

describe('a backlog', () => {
  it('gives every value once and in order, however the consumer lags behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)), {
          maxLength: 200,
        }),
        fc.constantFrom(0, 1, 4),
        async (isPush, limit) => {
          const backlog = createBacklog<string>(json, limit)
          const read: string[] = []
          let reader = backlog.read()
          let pushed = 0
          for (const push of isPush) {
            if (push) backlog.push(`value\n${pushed++}`)
            else if (read.length < pushed) {
              read.push(String((await reader.next()).value))
              // A consumer may break off and begin again.
              if (read.length % 3 === 0) {
                await reader.return(undefined)
                reader = backlog.read()
              }
            }
          }
          backlog.end()
          for await (const value of backlog.read()) read.push(value)
          expect(read).toEqual(Array.from({ length: pushed }, (_, at) => `value\n${at}`))
        },
      ),
    )
  })

  it('waits for values that come later', async () => {
    const backlog = createBacklog<string>(json)
    const reading = (async () => {
      const read: string[] = []
      for await (const value of backlog.read()) read.push(value)
      return read
    })()
    await Promise.resolve()
    backlog.push('a')
    setImmediate(() => {
      backlog.push('b')
      backlog.end()
    })
    expect(await reading).toEqual(['a', 'b'])
  })
})

describe('repeated texts', () => {
  it('are those that a Map finds', () => {
    const word = fc.oneof(fc.constantFrom('a', 'b', 'ab', 'ba', '', 'ä'), fc.string())
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        const expected = words.filter((one, at) => words.indexOf(one) !== at)
        expect(findRepeated(() => words)).toEqual(new Set(expected))
      }),
    )
  })

  it('are found among very many, which are not read again if there are none', () => {
    const detector = createRepeatDetector()
    for (let at = 0; at < 200_000; at++) detector.add(`photos/2026/${at}.thumb.webp`)
    let hasRead = false
    const list = () => {
      hasRead = true
      return []
    }
    expect(detector.find(list).size).toBe(0)
    // Equal hashes of different texts would have to be told apart by their texts.
    expect(hasRead).toBe(false)
  })
})

describe('a text index', () => {
  it('finds the index of each text, and of no other', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.string(), (texts, other) => {
        const find = createTextIndex(texts.length, (index) => texts[index] ?? '')
        expect(texts.map(find)).toEqual(texts.map((_, index) => index))
        const at = texts.indexOf(other)
        expect(find(other)).toBe(at < 0 ? undefined : at)
      }),
    )
  })

  it('finds the last of equal texts', () => {
    const texts = ['a', 'b', 'a']
    expect(createTextIndex(3, (index) => texts[index] ?? '')('a')).toBe(2)
  })
})
