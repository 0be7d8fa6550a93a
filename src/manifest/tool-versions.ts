import { readFileSync } from 'node:fs'
import type { ManifestTool } from './types.js'
import { PACKAGE_ROOT } from '../utils/package-root.js'
import { sharpVersions } from '../sharp.js'

let cached: ManifestTool | undefined

/** Returns the versions that may change an output's pixels. */
export function versions(): ManifestTool {
  return (cached ??= readVersions())
}

function readVersions(): ManifestTool {
  const { sharp, vips } = sharpVersions()
  return { name: 'imgproc', version: packageVersion(), sharp, libvips: vips }
}

/** Returns the version of this package. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('package.json', PACKAGE_ROOT), 'utf8')) as {
    version: string
  } // our own file
  return version
}
