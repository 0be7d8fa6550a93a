import { describe, expect, it } from 'vitest'
import { makeProject } from '../support/project.js'
import { serve } from '../support/serve.js'
import { imgproc } from './command.js'

const secret = '0123456789abcdef0123456789abcdef'
const keys = { IMGPROC_SIGNING_KEYS: `main:${secret}` }

describe('token', () => {
  it('makes a token, and the entry of the config that lets it in', async () => {
    const project = await makeProject()
    const made = await imgproc(project, ['token', 'shop', '--scopes', 'read'])
    expect(made).toMatchObject({ code: 0, stderr: '' })
    const [token = '', , note, , ...config] = made.stdout.split('\n')
    expect(note).toBe('Keep this token: it is not shown again. Add its hash to the config:')
    expect(config.join('\n')).not.toContain(token)
    await project.write('imgproc.config.yaml', config.join('\n'))
    const { url } = await serve(project)
    const ask = (headers: Record<string, string> = {}, method = 'GET') =>
      fetch(`${url}/v1/images`, { method, headers })
    expect((await ask()).status).toBe(401)
    expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(200)
    expect((await ask({ authorization: `Bearer ${token}` }, 'POST')).status).toBe(403)
  })

  it.each([
    [['a b'], /id: expected a name of letters/],
    [['shop', '--scopes', 'read,wriet'], /--scopes: .*did you mean "write"\?\n$/],
    [['shop', '--scopes', ','], /Expected a non-empty value/],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await imgproc(await makeProject(), ['token', ...args])
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })
})

describe('sign', () => {
  it('signs a URL that the server takes, until it ends', async () => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', 'photos/a.jpg')
    await project.write(
      'imgproc.config.yaml',
      `serve: { sources: { photos: ./photos }, signingKeys: { main: ${secret} } }`,
    )
    const { url } = await serve(project)
    const plain = `${url}/photos/a.jpg?thumbnail=20`
    expect((await fetch(plain)).status).toBe(403)
    const { code, stdout } = await imgproc(project, ['sign', plain, '--expires', '1h'])
    expect(code).toBe(0)
    expect((await fetch(stdout.trim())).status).toBe(200)
    expect((await fetch(stdout.trim().replace('=20', '=30'))).status).toBe(403)
  })

  it('takes keys from the environment, which win over the config', async () => {
    const project = await makeProject()
    const config =
      'serve: { signingKeys: { main: another-secret-of-32-characters-, old: fedcba9876543210fedcba9876543210 } }'
    await project.write('imgproc.config.yaml', config)
    const path = '/photos/landscape.jpg?thumbnail=200'
    const byFirst = await imgproc(project, ['sign', path], { env: keys })
    const byName = await imgproc(project, ['sign', path, '--key', 'main'], { env: keys })
    expect(byFirst.stdout).toBe(byName.stdout)
    expect(byName.stdout).toMatch(/&key=main&signature=[\w-]{43}\n$/)
    const byConfig = await imgproc(project, ['sign', path, '--key', 'main'])
    expect(byConfig.stdout).toMatch(/&key=main&signature=/)
    expect(byConfig.stdout).not.toBe(byName.stdout)
  })

  it.each<readonly [problem: string, args: string[], env: Record<string, string>, message: RegExp]>([
    ['no key', ['/a/b.jpg'], {}, /There is no signing key\. Add one to serve\.signingKeys/],
    ['an unknown key', ['/a/b.jpg', '--key', 'new'], keys, /There is no signing key "new"\. Known: main\./],
    ['a relative path', ['a.jpg'], keys, /"a\.jpg" is not a URL or a path/],
    ['a wrong duration', ['/a/b.jpg', '--expires', 'soon'], keys, /such as 10s or 2m/],
    ['a wrong variable', ['/a/b.jpg'], { IMGPROC_SIGNING_KEYS: secret }, /expected ID:SECRET/],
    ['a short secret', ['/a/b.jpg'], { IMGPROC_SIGNING_KEYS: 'main:short1' }, /shorter than 32 characters/],
  ])('explains %s, and shows no secret', async (_, args, env, message) => {
    const { code, stdout, stderr } = await imgproc(await makeProject(), ['sign', ...args], { env })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/0123456789abcdef|short1/)
  })
})

describe('serve', () => {
  it('does not listen to other machines without tokens, unless --open is given', async () => {
    const project = await makeProject()
    const { code, stderr } = await imgproc(project, ['serve', '--port', '0', '--host', '0.0.0.0'])
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /Without tokens, anyone who reaches 0\.0\.0\.0 could upload.*imgproc token.*--open/,
    )
    const { url } = await serve(project, ['--host', '0.0.0.0', '--open'])
    expect((await fetch(url.replace('0.0.0.0', '127.0.0.1') + '/healthz')).status).toBe(200)
  })

  it('logs requests as lines of JSON to stdout, with the address of the client', async () => {
    const server = await serve(await makeProject())
    const printed: string[] = []
    server.child.stdout.on('data', (chunk: Buffer) => printed.push(chunk.toString()))
    await fetch(`${server.url}/nothing`, { headers: { 'x-request-id': 'abc' } })
    await server.stop()
    const lines = printed
      .join('')
      .split('\n')
      .filter((line) => line.startsWith('{'))
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ requestId: 'abc', url: '/nothing', status: 404, address: '127.0.0.1' }),
    ])
  })
})
