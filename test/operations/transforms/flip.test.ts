import { expect, it } from 'vitest'
import { makePixels, makeQuarters, quartersOf } from '../../support/pictures.js'

it('operation flip mirrors top to bottom', async () => {
  const pixels = await makePixels(await makeQuarters(40, 20), [{ flip: true }])
  expect([pixels.width, pixels.height, quartersOf(pixels)]).toEqual([40, 20, 'blue white red green'])
})
