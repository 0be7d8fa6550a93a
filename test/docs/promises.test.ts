import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'

const PAGE = new URL('../../docs/promises.md', import.meta.url)

/** Rows that name a test: `path`: "title". */
const TEST = /`(test\/[^`]+\.test\.ts)`: "([^"]+)"/g

describe('docs/promises.md', async () => {
  const page = await readFile(PAGE, 'utf8')
  const rows = page.split('\n').filter((line) => /^\| (?!Promise |---)/.test(line))

  it.each(rows)('names a test that exists: %s', async (row) => {
    const tests = [...row.matchAll(TEST)]
    expect(tests).toHaveLength(1)
    for (const [, path, title] of tests) {
      expect(await readFile(new URL(`../../${path}`, import.meta.url), 'utf8')).toContain(title)
    }
  })
})
