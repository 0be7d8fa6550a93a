import { chmod, symlink } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { makeProject } from '../support/project.js'
import { imgproc } from './command.js'

const isRoot = process.getuid?.() === 0

describe.runIf(process.platform === 'linux')("an output folder that can't be written to", () => {
  it.each([
    [
      'in a file system that has no new folders',
      '/proc/imgproc',
      'its folder was removed, or the system creates',
    ],
    ['two folders deep in it', '/proc/imgproc/out', 'the system creates no files there (ENOENT)'],
    [
      'in a file system that permits none',
      '/sys/imgproc',
      /does not permit it \(EPERM\)|permission denied|read-only/,
    ],
    ['below a device', '/dev/null/out', 'a part of its path is a file, not a folder (ENOTDIR)'],
    ['below a file', 'a.jpg/out', 'a part of its path is a file, not a folder (ENOTDIR)'],
    ['below a circle of links', 'circle/out', 'its symbolic links form a loop (ELOOP)'],
    ['with a name that is too long', 'x'.repeat(300), 'a name in it is too long for the disk (ENAMETOOLONG)'],
  ])('is reported at once with exit code 1: %s', async (_, out, reason) => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'a.jpg')
    await symlink('circle', project.at('circle'))
    const ended = await imgproc(project, ['thumbs', 'a.jpg', '-o', out])
    expect(ended).toMatchObject({ code: 1, signal: null })
    expect(ended.stderr).toMatch(reason)
    expect(ended.stderr).not.toMatch(/INTERNAL|^\s+at /m)
  })

  it('is reported by worker processes, without a manifest', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'a.jpg', 'b.jpg')
    const args = ['thumbs', 'a.jpg', 'b.jpg', '-o', '/proc/imgproc', '--workers', '2', '--no-manifest']
    const ended = await imgproc(project, args)
    expect(ended).toMatchObject({ code: 1, signal: null })
    expect(ended.stderr).toContain('WRITE_FAILED')
  })

  it('is reported as an error of usage if it is a file or a device', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'a.jpg')
    await project.touch('notes.txt')
    for (const out of ['notes.txt', '/dev/full', '/dev/null']) {
      const ended = await imgproc(project, ['thumbs', 'a.jpg', '-o', out])
      expect(ended).toMatchObject({ code: 2, stdout: '' })
      expect(ended.stderr).toContain('is a file, but outputs need a folder. Choose another out (--out).')
    }
  })

  it.skipIf(isRoot)('is reported as denied if it is read-only', async () => {
    const project = await makeProject()
    await project.copy('photos/grey.jpg', 'a.jpg')
    await project.touch('out/x.txt')
    await chmod(project.at('out'), 0o555)
    const ended = await imgproc(project, ['thumbs', 'a.jpg', '-o', 'out'])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain('permission denied (EACCES)')
  })
})
