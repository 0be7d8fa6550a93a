import { expect, it } from 'vitest'
import { objects } from '../../../src/analyzers/vision/objects.js'
import { readFacePhoto } from '../../support/faces.js'
import { fixture } from '../../support/pictures.js'
import { find, plain } from '../find.js'

it('finds the people of a photo and their boxes', async () => {
  const { objects: found, model } = await find(objects, await readFacePhoto('sample1.jpg'))
  const people = found.filter(({ label }) => label === 'person')
  expect(people).toHaveLength(3)
  expect(model).toBe(objects.model)
  for (const { width, height, left, top } of people) {
    expect(width).toBeGreaterThan(0.2)
    expect(height).toBeGreaterThan(0.5)
    expect(left + width).toBeLessThanOrEqual(1)
    expect(top + height).toBeLessThanOrEqual(1)
  }
})

it('finds nothing in a plain picture or in one pixel', async () => {
  expect((await find(objects, plain('white', 200, 100))).objects).toEqual([])
  expect((await find(objects, await fixture('odd/one-pixel.png'))).objects).toEqual([])
})

it('returns the same at each call', async () => {
  const photo = await readFacePhoto('sample6.jpg')
  expect(await find(objects, photo)).toEqual(await find(objects, photo))
})
