import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import type { ManifestTool } from './core/manifest-types.js'
import { PACKAGE_ROOT } from './core/package-root.js'

let read: ManifestTool | undefined

/** The versions that decide what pixels come out. */
export function versions(): ManifestTool {
  return (read ??= readVersions())
}

function readVersions(): ManifestTool {
  const { version } = JSON.parse(readFileSync(new URL('package.json', PACKAGE_ROOT), 'utf8')) as {
    version: string
  } // ours
  return { name: 'imgproc', version, sharp: sharp.versions.sharp ?? 'unknown', libvips: sharp.versions.vips }
}
