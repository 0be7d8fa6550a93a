import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { serve } from '../stores/http/server.js'
import { TEST_KEYS, useS3 } from '../stores/s3/setup.js'
import { makeProject, type Project } from '../support/project.js'
import { imgproc } from './command.js'

const s3 = useS3()
const MARKUP = ['photos/a.jpg', '--alt', 'A house']
let env: Record<string, string>

beforeAll(() => {
  env = { ...TEST_KEYS, AWS_ENDPOINT_URL_S3: s3.endpoint }
})

async function makePhotos(): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/landscape.jpg', 'photos/a.jpg')
  return project
}

describe('imgproc markup of a manifest elsewhere', () => {
  it('takes the server by a flag, which is no attribute of the picture', async () => {
    const project = await makePhotos()
    const out = `s3://${s3.bucket.name}/by-flag/`
    const flags = ['--s3-endpoint', s3.endpoint]
    await imgproc(project, ['thumbs', 'photos', '-o', out, ...flags], { env: TEST_KEYS })
    const { stdout } = await imgproc(project, ['markup', out, ...MARKUP, ...flags], { env: TEST_KEYS })
    expect(stdout).toMatch(/^<picture>\n {2}<img src="a\.thumb\.jpg" [^:]*>\n<\/picture>\n$/)
  })

  it('reads it from the web, and puts the prefix before its paths', async () => {
    const project = await makePhotos()
    await imgproc(project, ['thumbs', 'photos', '-o', 'out'])
    const manifest = await readFile(project.at('out/manifest.json'))
    const web = await serve((request, response) => {
      if (request.url === '/img/manifest.json') response.end(manifest)
      else response.writeHead(404).end()
    })
    const { stdout } = await imgproc(project, ['markup', `${web.url}/img/`, ...MARKUP, '--base-url', '/i/'])
    expect(stdout).toContain('src="/i/a.thumb.jpg"')
    const none = await imgproc(project, ['markup', `${web.url}/other/?key=secret/`, '--decorative'])
    expect(none.code).toBe(2)
    expect(none.stderr).toContain('There is no manifest at')
    expect(none.stderr).not.toContain('secret')
  })
})

describe('imgproc report of a manifest elsewhere', () => {
  it('says that it shows pictures of this disk, and what to do', async () => {
    const project = await makePhotos()
    await project.write('imgproc.config.yaml', 'out: s3://shop/img\n')
    for (const where of [['s3://shop/img/'], ['https://example.org/manifest.json'], []]) {
      const { code, stderr } = await imgproc(project, ['report', ...where], { env })
      expect(code).toBe(2)
      expect(stderr).toMatch(
        /^error A report shows pictures of this disk, and \S+manifest\.json is elsewhere\. Copy/,
      )
    }
  })
})
