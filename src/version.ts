import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import type { ManifestTool } from './core/manifest-types.js'

let read: ManifestTool | undefined

/** The versions that decide what pixels come out. */
export function versions(): ManifestTool {
  return (read ??= readVersions())
}

function readVersions(): ManifestTool {
  // One step up from src and from dist alike.
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  } // ours
  return { name: 'imgproc', version, sharp: sharp.versions.sharp ?? 'unknown', libvips: sharp.versions.vips }
}
