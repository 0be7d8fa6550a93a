import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { makeProject } from '../support/project.js'
import { makeCorner, makeUltraHdr } from '../support/ultra-hdr.js'
import { imgproc } from './command.js'

async function makePhoto(orientation: number): Promise<Buffer> {
  const base = await sharp(await makeCorner(400, 300, 'red'))
    .withMetadata({ orientation })
    .jpeg()
    .toBuffer()
  return makeUltraHdr(base, await makeCorner(100, 75))
}

describe('the command with photos that have a gain map', () => {
  it('keeps the map of pictures that are turned', async () => {
    const project = await makeProject()
    await project.write('1.jpg', await makePhoto(1))
    await project.write('6.jpg', await makePhoto(6))
    for (const [folder, ...flags] of [
      ['flipped', '--flip'],
      ['turned', '--rotate', '90'],
      ['small', '--thumbnail', '120'],
    ] as const) {
      const args = ['run', '1.jpg', '6.jpg', ...flags, '--metadata', 'keep', '-o', folder]
      const { code, stderr } = await imgproc(project, args)
      expect([code, stderr]).toEqual([0, expect.not.stringContaining('gain map')])
      const files = (await project.files(folder)).filter((name) => name.endsWith('.jpg'))
      expect(files).toHaveLength(2)
      for (const name of files) {
        const { width, height, gainMap } = await sharp(project.at(`${folder}/${name}`)).metadata()
        const map = await sharp(gainMap?.image).metadata()
        expect(map.width / map.height).toBeCloseTo(width / height, 1)
      }
    }
  })

  it('says why a map was left out', async () => {
    const project = await makeProject()
    await project.write('1.jpg', await makePhoto(1))
    const args = ['run', '1.jpg', '--blur', '2', '--metadata', 'keep', '-o', 'out']
    const { code, stderr } = await imgproc(project, args)
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('The HDR gain map was left out, since blur does more than move pixels.'),
    ])
  })
})
