import { execFile, spawn } from 'node:child_process'
import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeProject } from '../support/project.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** Returns the JSON of an instruction of the Dockerfile. */
function words(dockerfile: string, instruction: RegExp): string[] {
  const [, json = '[]'] = instruction.exec(dockerfile) ?? []
  return JSON.parse(json) as string[] // an exec form
}

describe('container', () => {
  it('serves and is healthy by the commands of its Dockerfile, in an empty folder', async () => {
    const dockerfile = await readFile(`${ROOT}deploy/docker/Dockerfile`, 'utf8')
    const project = await makeProject()
    const at = (path: string) => path.replace(/^\/(?=(?:app|data)\b)/, `${project.path}/`)
    for (const folder of ['app', 'data', 'packed']) await mkdir(project.at(folder))
    await run('npm', ['pack', '--ignore-scripts', '--pack-destination', project.at('packed')], { cwd: ROOT })
    const [archive = ''] = await readdir(project.at('packed'))
    const [, install = ''] = /^RUN npm (install .*) \S+\.tgz$/m.exec(dockerfile) ?? []
    await run('npm', [...install.split(' '), project.at(`packed/${archive}`)], { cwd: project.at('app') })
    await copyFile(`${ROOT}deploy/docker/health.mjs`, project.at('app/health.mjs'))

    const entry = words(dockerfile, /^ENTRYPOINT (.*)$/m)
    const command = words(dockerfile, /^CMD (.*)$/m)
    expect([...entry, ...command].slice(0, 3)).toEqual([
      'node',
      '/app/node_modules/imgproc/bin/imgproc.cjs',
      'serve',
    ])
    const [, ...args] = [...entry, ...command].map(at)
    const port = args.indexOf('--port') + 1
    const server = spawn(process.execPath, args.with(port, '0'), {
      cwd: project.at('data'),
      env: { ...process.env, IMGPROC_SIGNING_KEYS: `main:${'a'.repeat(64)}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = new Promise((resolve) => server.once('exit', resolve))
    onTestFinished(() => void server.kill('SIGKILL'))
    let printed = ''
    server.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    await expect.poll(() => printed, { timeout: 60_000 }).toMatch(/Listening at/)
    const [, actual = ''] = /:(\d+)\n/.exec(printed) ?? []

    const [, ...health] = words(dockerfile, /^HEALTHCHECK .*CMD (.*)$/m).map(at)
    const check = () =>
      run(process.execPath, health, {
        env: { ...process.env, IMGPROC_HEALTH_URL: `http://127.0.0.1:${actual}/healthz` },
      })
    await expect(check()).resolves.toBeDefined()
    server.kill('SIGTERM')
    expect(await ended).toBe(0)
    await expect(check()).rejects.toThrow('Command failed')
  })

  it('does not run as root, and asks Node.js for its health', async () => {
    const dockerfile = await readFile(`${ROOT}deploy/docker/Dockerfile`, 'utf8')
    const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))
    expect(last).toMatch(/^USER node$/m)
    expect(last).not.toMatch(/curl|wget|apt-get/)
  })
})
