import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeProject } from '../support/project.js'
import { serve } from '../support/serve.js'
import { spawnImgproc } from './command.js'

describe('serve', () => {
  it('prints the URL of any free port, answers there, and ends with code 0 on SIGTERM', async () => {
    const { url, stop } = await serve(await makeProject())
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
    const response = await fetch(`${url}/healthz`)
    expect(await response.json()).toEqual({ status: 'ok' })
    const { code, stderr } = await stop()
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('stopping') })
  })

  it('ends with code 0 on SIGINT', async () => {
    const { stop } = await serve(await makeProject())
    expect(await stop('SIGINT')).toMatchObject({ code: 0 })
  })

  it('keeps originals and results in the store of the flag, or in imgproc-data, and leaves no file of its check', async () => {
    const project = await makeProject()
    await serve(project, ['--store', 'elsewhere'])
    expect(await project.files('imgproc-data')).toEqual([])
    expect(await project.files('elsewhere')).toEqual([])
  })

  it('explains that a port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as AddressInfo // of a TCP server
    const { code, stderr } = await spawnImgproc(await makeProject(), ['serve', '--port', String(port)])
    expect(code).toBe(2)
    expect(stderr).toContain(`Can't listen at 127.0.0.1, port ${port}: another program listens there.`)
    expect(stderr).toContain('--port 0')
  })

  it.each([
    ['a file', 'taken.txt'],
    ['a URL that is only read', 'https://example.com/images/'],
    ['an unknown scheme', 'ftp://example.com/images/'],
  ])('explains that a store cannot be %s', async (_, place) => {
    const project = await makeProject()
    await project.touch('taken.txt')
    const { code, stderr } = await spawnImgproc(project, ['serve', '--port', '0', '--store', place])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error The store .* can't be used: .*Choose another with --store/)
  })

  it('refuses a port that is none', async () => {
    const { code, stderr } = await spawnImgproc(await makeProject(), ['serve', '--port', '70000'])
    expect(code).toBe(2)
    expect(stderr).toContain('Expected a port from 0 to 65535.')
  })

  it('reports mistakes in the config', async () => {
    const project = await makeProject()
    await project.write('imgproc.config.json', JSON.stringify({ serve: { sources: { v1: 'photos' } } }))
    const { code, stderr } = await spawnImgproc(project, ['serve', '--port', '0'])
    expect(code).toBe(2)
    expect(stderr).toContain('v1')
  })
})
