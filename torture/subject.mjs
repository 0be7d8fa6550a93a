// The product under test, in a process of its own: a crash ends this process, and its parent knows the file.
import { readFile, writeFile } from 'node:fs/promises'
import sharp from 'sharp'
import { transform } from 'imgproc'

process.on('message', ({ id, path, ops, limits, pixelsTo }) => {
  void run(path, ops, limits, pixelsTo).then((outcome) =>
    process.send({ id, ...outcome, peakBytes: process.resourceUsage().maxRSS * 1024 }),
  )
})

async function run(path, ops, limits, pixelsTo) {
  try {
    const { data, info } = await transform(await readFile(path), ops, { limits })
    const picture = { width: info.width, height: info.height }
    if (pixelsTo === undefined) return { picture }
    await writeFile(pixelsTo, await toPam(data))
    return { picture: { ...picture, isConverted: !data.includes('iCCP') && (await hasProfile(path)) } }
  } catch (error) {
    return { error: { code: error.code ?? error.name, message: String(error.message) } }
  }
}

async function hasProfile(path) {
  const { icc } = await sharp(path, { failOn: 'none' })
    .metadata()
    .catch(() => ({}))
  return icc !== undefined
}

/** Converts a PNG to a PAM file of RGBA, without applying its profile: the numbers are compared as they are stored. */
async function toPam(png) {
  const image = sharp(withoutProfile(png), { limitInputPixels: false }).toColourspace('srgb').ensureAlpha()
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  const header = `P7\nWIDTH ${info.width}\nHEIGHT ${info.height}\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n`
  return Buffer.concat([Buffer.from(header), data])
}

function withoutProfile(png) {
  const parts = [png.subarray(0, 8)]
  for (let at = 8; at + 12 <= png.length;) {
    const end = at + 12 + png.readUInt32BE(at)
    if (png.toString('latin1', at + 4, at + 8) !== 'iCCP') parts.push(png.subarray(at, end))
    at = end
  }
  return Buffer.concat(parts)
}
