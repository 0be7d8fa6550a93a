import { Hono } from 'hono'
import { readAssets } from '../demo/assets.js'
import { createPageSettings } from '../demo/page-settings.js'
import { ASSETS_PATH, fillPage, PAGE_POLICY } from '../demo/page.js'
import { matchesEtag } from '../response/etag.js'
import { refuseOtherMethods } from '../response/problem.js'
import type { Env, ResolvedOptions } from '../types.js'
import { sha256 } from '../../utils/sha256.js'

const SAFE = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }
const TAG_LENGTH = 40

type DemoOptions = Pick<ResolvedOptions, 'presets' | 'sources' | 'onlyPresets'>

/** Creates `/`, the demo page, and `/demo/…`, its files. */
export function createDemoRoutes(options: DemoOptions): Hono<Env> {
  const app = new Hono<Env>()
  const assets = readAssets()
  const page = fillPage(assets, createPageSettings(options))
  const pageTag = tagOf(page)

  app.get('/', (context) => {
    const headers = {
      ...SAFE,
      etag: pageTag,
      'cache-control': 'no-cache',
      'content-security-policy': PAGE_POLICY,
      'x-frame-options': 'DENY',
    }
    if (isKnown(context.req.header('if-none-match'), pageTag)) return context.body(null, 304, headers)
    return context.html(page, 200, headers)
  })
  app.all('/', refuseOtherMethods(['GET', 'HEAD']))

  for (const [name, { type, bytes }] of assets.files) {
    const path = `${ASSETS_PATH}/${assets.hash}/${name}`
    const headers = {
      ...SAFE,
      etag: tagOf(bytes),
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': type,
      'cross-origin-resource-policy': 'same-origin',
    }
    app.get(path, (context) => {
      const isCurrent = isKnown(context.req.header('if-none-match'), headers.etag)
      return isCurrent ? context.body(null, 304, headers) : context.body(bytes, 200, headers)
    })
    app.all(path, refuseOtherMethods(['GET', 'HEAD']))
  }
  return app
}

function tagOf(content: string | Uint8Array): string {
  return `"${sha256(content).slice(0, TAG_LENGTH)}"`
}

function isKnown(tags: string | undefined, tag: string): boolean {
  return tags !== undefined && matchesEtag(tags, tag)
}
