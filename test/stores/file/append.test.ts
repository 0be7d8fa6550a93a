import { readFile, stat } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { openLog } from '../../../src/stores/file/append.js'
import { makeProject } from '../../support/project.js'

describe('a log file', () => {
  it('writes everything appended during a write together, in order', async () => {
    const project = await makeProject()
    const log = await openLog(project.at('new/folder/log'))
    const lines = Array.from({ length: 1000 }, (_, index) => `${index}\n`)
    const appended = lines.map((line) => log.append(Buffer.from(line)))
    // Appends that share a write share its promise.
    expect(new Set(appended).size).toBe(1)
    await appended[0]
    expect((await readFile(project.at('new/folder/log'), 'utf8')).trimEnd()).toBe(lines.join('').trimEnd())
    const last = [log.append(Buffer.from('a')), log.append(Buffer.from('b'))]
    await log.close()
    await Promise.all(last)
    expect(await readFile(project.at('new/folder/log'), 'utf8')).toBe(`${lines.join('')}ab`)
  })

  it('holds room for the next lines before it is written to, and as long as it is open', async () => {
    const project = await makeProject()
    const log = await openLog(project.at('log'))
    const sizes: number[] = [(await stat(project.at('log'))).size]
    const line = `${'x'.repeat(999)}\n`
    for (let count = 1; count <= 20; count++) {
      await log.append(Buffer.from(line))
      sizes.push((await stat(project.at('log'))).size - count * line.length)
    }
    for (const room of sizes) expect(room).toBeGreaterThanOrEqual(4096)
    expect(await readFile(project.at('log'), 'utf8')).toMatch(/^(?:x{999}\n){20}\n+$/)
    await log.close()
    expect(await readFile(project.at('log'), 'utf8')).toBe(line.repeat(20))
  })

  it('appends behind the room that a killed process has left', async () => {
    const project = await makeProject()
    await project.write('log', `before\n${'\n'.repeat(4000)}`)
    const next = await openLog(project.at('log'))
    await next.append(Buffer.from('after\n'))
    await next.close()
    expect(await readFile(project.at('log'), 'utf8')).toMatch(/^before\n+after\n$/)
  })

  it('appends to an existing file', async () => {
    const project = await makeProject()
    await project.write('log', 'before ')
    const log = await openLog(project.at('log'))
    await log.append(Buffer.from('after'))
    await log.close()
    expect(await readFile(project.at('log'), 'utf8')).toBe('before after')
  })

  it.skipIf(process.platform !== 'linux')('reports a full disk at each append', async () => {
    const log = await openLog('/dev/full')
    const full = { code: 'WRITE_FAILED', message: expect.stringContaining('the disk is full') as string }
    await expect(log.append(Buffer.from('a'))).rejects.toMatchObject(full)
    await expect(log.append(Buffer.from('b'))).rejects.toMatchObject(full)
    await log.close()
  })

  it('throws WRITE_FAILED if the file cannot be created', async () => {
    const project = await makeProject()
    await project.write('file', '')
    await expect(openLog(project.at('file/log'))).rejects.toMatchObject({ code: 'WRITE_FAILED' })
  })
})
