import { describe, expect, it } from 'vitest'
import { createHandler } from '../../../src/http/create-handler.js'
import { operations } from '../../../src/operations/parse-operations.js'
import type { HandlerOptions } from '../../../src/http/types.js'
import type { PageSettings } from '../../../src/http/demo/page-settings.js'

const get = (options: HandlerOptions, path: string, init?: RequestInit) =>
  createHandler(options).fetch(new Request(`http://localhost${path}`, init))

async function settingsOf(options: HandlerOptions): Promise<PageSettings> {
  const html = await (await get({ demo: true, ...options }, '/')).text()
  const [, data = ''] = /<script id="settings" type="application\/json">(.*?)<\/script>/s.exec(html) ?? []
  return JSON.parse(data) as PageSettings // the test checks its parts
}

describe('demo page', () => {
  it('is off unless the options ask for it', async () => {
    expect((await get({}, '/')).status).toBe(404)
    expect((await get({}, '/demo/main.js')).status).toBe(404)
  })

  it('lets the page load nothing but its own files, and no other page frame it', async () => {
    const response = await get({ demo: true }, '/')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]),
    )
    expect(policy).not.toContain('unsafe')
    const html = await response.text()
    expect(html).not.toMatch(/https?:|\sstyle=|\son\w+=|\{\{/)
  })

  it('answers 304 to a page that is known', async () => {
    const etag = (await get({ demo: true }, '/')).headers.get('etag') ?? ''
    const again = await get({ demo: true }, '/', { headers: { 'if-none-match': etag } })
    expect(again.status).toBe(304)
    const other = await get({ demo: true, only: 'presets' }, '/', { headers: { 'if-none-match': etag } })
    expect(other.status).toBe(200)
  })

  it('serves the files that the page names, to be kept for good, and nothing beside them', async () => {
    const html = await (await get({ demo: true }, '/')).text()
    const named = html.matchAll(/(?:src|href)="\.(\/demo\/[^"]+)"/g)
    const paths = [...new Set(Array.from(named, ([, path]) => path ?? ''))].toSorted()
    expect(paths.map((path) => path.replace(/.*\//, ''))).toEqual([
      'base.css',
      'demo.css',
      'icon.svg',
      'main.js',
    ])
    for (const path of paths) {
      const response = await get({ demo: true }, path)
      expect(response.status).toBe(200)
      expect(response.headers.get('cache-control')).toContain('immutable')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      const tag = response.headers.get('etag') ?? ''
      expect((await get({ demo: true }, path, { headers: { 'if-none-match': tag } })).status).toBe(304)
    }
    const folder = paths[0]?.replace(/[^/]+$/, '') ?? ''
    for (const name of ['index.html', '..%2fpackage.json', '', 'tsconfig.json'])
      expect((await get({ demo: true }, folder + name)).status).toBe(404)
    expect((await get({ demo: true }, '/demo/0000000000000000/main.js')).status).toBe(404)
  })

  it('refuses other methods', async () => {
    const response = await get({ demo: true }, '/', { method: 'POST' })
    expect(response.status).toBe(405)
    expect(response.headers.get('allow')).toBe('GET, HEAD')
  })

  it('offers every operation of the registry with its example and parameters, and all presets', async () => {
    const {
      operations: offered,
      presets,
      sources,
    } = await settingsOf({
      sources: { photos: './photos' },
      presets: { card: { ops: [{ thumbnail: 300 }], formats: ['webp'] } },
    })
    expect(offered.map(({ name }) => name)).toEqual(operations.map(({ name }) => name))
    expect(offered.find(({ name }) => name === 'blur')).toMatchObject({
      example: '2',
      flag: '--blur',
      parameters: [{ params: [{ name: 'sigma', values: '0.3 to 1000' }] }],
    })
    expect(presets.find(({ name }) => name === 'card')).toMatchObject({
      ops: [['thumbnail', '300']],
      formats: ['webp'],
    })
    expect(presets.map(({ name }) => name)).toContain('responsive')
    expect(sources).toEqual(['photos'])
  })

  it('offers no operations if only presets may be asked for', async () => {
    expect(await settingsOf({ only: 'presets' })).toMatchObject({ operations: [], onlyPresets: true })
  })

  it('shows neither folders of the server nor markup of the config', async () => {
    const options: HandlerOptions = {
      demo: true,
      sources: { photos: '/srv/secret/photos' },
      presets: {
        signed: {
          ops: [{ watermark: { image: '/srv/secret/logo.png' } }, { watermark: { text: '</script><b>' } }],
        },
      },
    }
    const html = await (await get(options, '/')).text()
    expect(html).not.toContain('secret')
    expect(html).not.toContain('<b>')
    const { presets } = await settingsOf(options)
    expect(presets.find(({ name }) => name === 'signed')?.ops).toEqual([
      ['watermark', expect.stringContaining('image=logo.png')],
      ['watermark', expect.stringContaining('text=</script><b>')],
    ])
  })
})
