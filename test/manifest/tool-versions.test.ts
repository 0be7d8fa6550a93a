import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { packageVersion, versions } from '../../src/manifest/tool-versions.js'

it('the versions are those of this package, sharp and libvips', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  expect(packageVersion()).toBe(version)
  const tool = { name: 'imgproc', version, sharp: sharp.versions.sharp, libvips: sharp.versions.vips }
  expect(versions()).toEqual(tool)
})
