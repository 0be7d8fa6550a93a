import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { makeProject, type Project } from '../support/project.js'
import { spawnImgproc } from './command.js'

/** Creates a project with a store for slow://. Its keys that contain "hang" never answer, over a real connection. */
async function makeSlowProject(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/grey.jpg', 'photos/a.jpg')
  await project.write('.imgprocrc.yaml', 'stores: { slow: ./slow.mjs }\nanalyzers: { stuck: ./stuck.mjs }\n')
  await project.write('stuck.mjs', `export default { name: 'stuck', analyze: () => new Promise(() => {}) }`)
  await project.write(
    'slow.mjs',
    `import { createServer } from 'node:http'
    import { readFile } from 'node:fs/promises'
    const server = createServer((request, response) => response.write('x'))
    server.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    // Without a signal: the connection stays open, and keeps the process alive.
    const hang = () => fetch(\`http://127.0.0.1:\${server.address().port}\`).then((response) => response.text())
    export default {
      scheme: 'slow',
      async *list(prefix) {
        for (const name of ['b.jpg', 'hang.jpg']) yield { ref: \`slow://in/\${name}\`, size: 0 }
      },
      stat: async () => undefined,
      read: async (ref) =>
        ref.endsWith('.jpg') ? (ref.includes('hang') ? hang() : readFile('photos/a.jpg')) : undefined,
      write: async (ref, data) => (ref.includes('hang') ? hang() : { ref, size: data.length }),
      async remove() {},
    }`,
  )
  return project
}

describe('a hanging store', () => {
  it('that is read from fails one image after --timeout, and the command ends', async () => {
    const project = await makeSlowProject()
    const ended = await spawnImgproc(project, ['thumbs', 'slow://in/', '-o', 'out', '--timeout', '1'])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain('TIMED_OUT')
    expect(ended.stderr).toContain('its store did nothing for 1 seconds (limits.seconds, --timeout)')
    expect(await project.files('out')).toEqual(['b.thumb.jpg', 'manifest.json'])
  })

  it('that is written to fails its output after --timeout, and the command ends', async () => {
    const project = await makeSlowProject()
    const args = ['thumbs', 'photos', '-o', 'slow://out', '--path', 'hang-{name}.{ext}', '--timeout', '1']
    const ended = await spawnImgproc(project, args)
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain("can't be written: its store did nothing for 1 seconds")
  })
})

describe('an analyzer that never answers', () => {
  it('fails after --timeout, and the outputs are written', async () => {
    const project = await makeSlowProject()
    const ended = await spawnImgproc(project, [
      'thumbs',
      'photos',
      '-o',
      'out',
      '--analyze',
      'stuck',
      '--timeout',
      '1',
      '--json',
    ])
    expect(ended.stdout).toContain('took longer than 1 seconds (limits.seconds, --timeout)')
    expect(await project.files('out')).toEqual(['a.thumb.jpg', 'manifest.json'])
  })
})

describe.runIf(process.platform !== 'win32')('a named pipe', () => {
  it('without a writer is reported at once', async () => {
    const project = await makeProject()
    execFileSync('mkfifo', [project.at('pipe.jpg')])
    const ended = await spawnImgproc(project, ['thumbs', 'pipe.jpg', '-o', 'out'])
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain('is a pipe, not a file. Send its content to stdin')
  })
})
