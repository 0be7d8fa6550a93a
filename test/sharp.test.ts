import sharp from 'sharp'
import { expect, it } from 'vitest'
import { sharpVersions } from '../src/sharp.js'

it('the versions in the packages of sharp are those that sharp reports', () => {
  expect(sharpVersions()).toEqual(sharp.versions)
})
