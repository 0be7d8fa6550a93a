import { expect, it } from 'vitest'
import { makePixels, makeQuarters, quartersOf } from '../../support/pictures.js'

it('operation flop mirrors left to right', async () => {
  const pixels = await makePixels(await makeQuarters(40, 20), [{ flop: true }])
  expect([pixels.width, pixels.height, quartersOf(pixels)]).toEqual([40, 20, 'green red white blue'])
})
