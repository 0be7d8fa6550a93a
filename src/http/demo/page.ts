import type { Assets } from './assets.js'
import type { PageSettings } from './page-settings.js'

/** Path below which the files of the page are. */
export const ASSETS_PATH = '/demo'

/**
 * The page loads and asks nothing but this server, and shows pictures that it has received. Frames could make a user click
 * something else than is shown.
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Fills the settings and the place of the assets into the page. Paths are relative, so that a proxy may add a prefix. */
export function fillPage({ template, hash }: Assets, settings: PageSettings): string {
  // A data block is no script, but `</script>` in a text would end it.
  const data = JSON.stringify(settings).replaceAll('<', String.raw`\u003c`)
  const values: Readonly<Record<string, string>> = { assets: `.${ASSETS_PATH}/${hash}`, settings: data }
  return template.replaceAll(/\{\{(\w+)\}\}/g, (place, name: string) => values[name] ?? place)
}
