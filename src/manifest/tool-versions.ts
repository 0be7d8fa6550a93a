import { readFileSync } from 'node:fs'
import type { ManifestTool } from './types.js'
import { PACKAGE_ROOT } from '../utils/package-root.js'
import { loadSharp } from '../sharp.js'

let read: ManifestTool | undefined

/** The versions that decide what pixels come out. Loads sharp. */
export function versions(): ManifestTool {
  return (read ??= readVersions())
}

function readVersions(): ManifestTool {
  const { sharp, vips } = loadSharp().versions
  return { name: 'imgproc', version: packageVersion(), sharp, libvips: vips }
}

/** This package's own. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', PACKAGE_ROOT), 'utf8')) as {
    version: string
  } // ours
  return version
}
