import { expect, it } from 'vitest'
import { moderation } from '../../../src/analyzers/vision/moderation.js'
import { PHOTOS_OF_FACES, readFacePhoto } from '../../support/faces.js'
import { fixture } from '../../support/pictures.js'
import { find, plain } from '../find.js'

it.each(PHOTOS_OF_FACES)('finds $file harmless', async ({ file }) => {
  expect((await find(moderation, await readFacePhoto(file))).unsafe).toBeLessThan(0.5)
})

it('returns the probabilities of all classes, the highest first', async () => {
  for (const picture of [
    await fixture('photos/landscape.jpg'),
    plain('white'),
    await fixture('odd/one-pixel.png'),
  ]) {
    const { classes, unsafe, model } = await find(moderation, picture)
    const scores = classes.map(({ score }) => score)
    expect(classes.map(({ name }) => name).toSorted()).toEqual([
      'drawing',
      'hentai',
      'neutral',
      'porn',
      'sexy',
    ])
    expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    expect(scores.reduce((sum, score) => sum + score)).toBeCloseTo(1, 2)
    expect(unsafe).toBeLessThan(0.5)
    expect(model).toBe(moderation.model)
  }
})
