import { readFile } from 'node:fs/promises'
import sharp, { type Sharp } from 'sharp'
import { describe, expect, it, vi } from 'vitest'
import { createHandler } from '../../src/http/index.js'
import { readManifest, run } from '../../src/index.js'
import { defineAnalyzer } from '../../src/analyzers/define-analyzer.js'
import type { WhenUnsafe } from '../../src/jobs/types.js'
import { makeProject } from '../support/project.js'

/** Stands for the model: pictures that are mostly red are unsafe. */
const analyze = vi.fn<(image: Sharp) => Promise<unknown>>(async (image) => {
  const { dominant } = await image.stats()
  const unsafe = dominant.r > 150 && dominant.b < 100 ? 0.93 : 0.02
  return { model: 'red/1', unsafe, classes: [{ name: 'porn', score: unsafe }] }
})
const moderation = defineAnalyzer({ name: 'moderation', summary: 'Red.', analyze })

async function openProject(policy: WhenUnsafe['do'], more: object = {}) {
  const project = await makeProject()
  const red = sharp({ create: { width: 200, height: 100, channels: 3, background: '#d01010' } })
  const dots = Buffer.from(
    '<svg width="200" height="100"><circle cx="100" cy="50" r="4" fill="white"/></svg>',
  )
  await project.write(
    'in/red.png',
    await red
      .composite([{ input: dots }])
      .png()
      .toBuffer(),
  )
  await project.copy('photos/landscape.jpg', 'in/safe.jpg')
  const presets = {
    web: {
      ops: [{ thumbnail: 100 }],
      formats: ['png'],
      whenUnsafe: { moderation: 0.8, do: policy },
      ...more,
    },
  } as const
  const start = (options = {}) =>
    run({
      inputs: ['in'],
      out: 'out',
      cwd: project.path,
      presets,
      preset: 'web',
      analyzers: { moderation },
      ...options,
    })
  const entries = async () => (await readManifest(project.at('out/manifest.json'))).entries
  return { project, start, entries, presets }
}

describe('whenUnsafe', () => {
  it('skips the outputs of an unsafe source, says why, and does so again without looking', async () => {
    const { project, start, entries } = await openProject('skip')
    expect(await start()).toMatchObject({ renditions: { written: 1, skipped: 1, failed: 0 } })
    const [red, safe] = await entries()
    expect(red).toMatchObject({
      status: 'skipped',
      reason: 'the source is unsafe with a score of 0.93, and 0.8 is the limit: porn 0.93',
      outputs: [],
    })
    expect(safe).toMatchObject({ status: 'ready' })
    expect(await project.files('out')).toEqual(['manifest.json', 'safe.web.png'])
    const calls = analyze.mock.calls.length
    expect(await start()).toMatchObject({ renditions: { unchanged: 1, skipped: 1 } })
    expect(analyze).toHaveBeenCalledTimes(calls)
  })

  it('fails the outputs of an unsafe source with UNSAFE_CONTENT, and again without looking', async () => {
    const { start, entries } = await openProject('fail')
    for (let run = 0; run < 2; run++) {
      const { failures, sources } = await start()
      expect(sources).toMatchObject({ ready: 1, failed: 1 })
      expect(failures[0]).toMatchObject({ error: { code: 'UNSAFE_CONTENT', retryable: false } })
      expect((await entries())[0]).toMatchObject({ status: 'failed', outputs: [{ status: 'failed' }] })
    }
  })

  it('blurs the outputs of an unsafe source until nothing is left, with a warning', async () => {
    const { project, start, entries } = await openProject('blur')
    await start()
    const [red, safe] = await entries()
    expect(red!.outputs[0]).toMatchObject({
      status: 'ready',
      warnings: ['Blurred: the source is unsafe with a score of 0.93, and 0.8 is the limit: porn 0.93.'],
    })
    expect(safe!.outputs[0]).not.toHaveProperty('warnings')
    const { channels } = await sharp(await readFile(project.at('out/red.web.png'))).stats()
    // The white dot is gone.
    expect(channels[2]!.max).toBeLessThan(60)
  })

  it('makes a safe source as without the policy', async () => {
    const { project, start } = await openProject('skip')
    await start()
    const plainly = { plain: { ops: [{ thumbnail: 100 }], formats: ['png' as const] } }
    await start({ presets: plainly, preset: 'plain' })
    const [made, plain] = await Promise.all(
      ['safe.web.png', 'safe.plain.png'].map((file) => readFile(project.at(`out/${file}`))),
    )
    expect(made!.equals(plain!)).toBe(true)
  })

  it('takes a source that cannot be judged for unsafe', async () => {
    const { start, project } = await openProject('skip')
    const broken = defineAnalyzer({
      name: 'moderation',
      summary: 'Breaks.',
      analyze: () => Promise.reject(new Error('No model.')),
    })
    const { failures } = await start({ analyzers: { moderation: broken } })
    expect(failures.filter(({ preset }) => preset === 'web')).toHaveLength(2)
    expect(await project.files('out')).toEqual(['manifest.json'])
    const wrong = defineAnalyzer({ name: 'moderation', summary: 'Counts.', analyze: () => 3 })
    const again = await start({ analyzers: { moderation: wrong } })
    expect(again.failures[0]?.error.message).toContain('does not return { unsafe: number }')
  })

  it('makes outputs again when the policy changes', async () => {
    const { start, presets } = await openProject('blur')
    await start()
    const strict = { web: { ...presets.web, whenUnsafe: { moderation: 0.99, do: 'blur' as const } } }
    expect(await start({ presets: strict })).toMatchObject({ renditions: { written: 2 } })
  })

  it.each(['skip', 'fail', 'blur'] as const)('is followed by a server on the fly: %s', async (policy) => {
    const { project, presets } = await openProject(policy)
    const sources = { in: project.at('in') }
    const handler = createHandler({ sources, presets, analyzers: { moderation }, root: project.path })
    const ask = async (path: string) => handler.fetch(new Request(`http://localhost/in/${path}`))
    expect((await ask('safe.jpg?preset=web')).status).toBe(200)
    const answer = await ask('red.png?preset=web')
    expect(answer.status).toBe(policy === 'blur' ? 200 : 422)
    const body = Buffer.from(await answer.arrayBuffer())
    const shows =
      policy === 'blur' ? (await sharp(body).stats()).channels[2]!.max < 60 : body.includes('UNSAFE_CONTENT')
    expect(shows).toBe(true)
    await handler.close()
  })
})
