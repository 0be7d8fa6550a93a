import { posix, win32 } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toAbsolutePath } from '../../../src/stores/file/absolute-path.js'

describe('toAbsolutePath', () => {
  it('resolves every path as Node.js does', () => {
    const parts = ['', '.', '..', 'a', 'a.b', '...', '.a', '..a', 'a..', ' ']
    const paths = parts.flatMap((one) => parts.flatMap((two) => parts.map((three) => [one, two, three])))
    for (const names of paths)
      for (const path of [`/${names.join('/')}`, `/${names.join('/')}/`, names.join('/')])
        expect(toAbsolutePath(path, '/site', posix)).toBe(posix.resolve('/site', path))
  })

  it('gives paths of Windows slashes', () => {
    expect(toAbsolutePath(String.raw`photos\a.jpg`, String.raw`C:\site`, win32)).toBe('C:/site/photos/a.jpg')
    expect(toAbsolutePath('/photos/a.jpg', String.raw`C:\site`, win32)).toBe('C:/photos/a.jpg')
  })
})
