import sharp from 'sharp'

/** A photo-like JPEG of 640x480, about 60 kB, and its mean colour. */
export interface SmallPhoto {
  readonly data: Buffer
  /** Red, green and blue, 0 to 255. */
  readonly colour: readonly [number, number, number]
}

/** Creates photos, each with another colour. */
export async function makeSmallPhotos(count: number): Promise<SmallPhoto[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => makeSmallPhoto(index, count)))
}

/** Returns the mean colour of a picture. */
export async function colourOf(data: Uint8Array): Promise<[number, number, number]> {
  const { channels } = await sharp(data).stats()
  const [red = 0, green = 0, blue = 0] = channels.map(({ mean }) => mean)
  return [red, green, blue]
}

async function makeSmallPhoto(index: number, count: number): Promise<SmallPhoto> {
  const size = { width: 640, height: 480 }
  const noise = { type: 'gaussian', mean: 128, sigma: 24 } as const
  const grain = await sharp({ create: { ...size, channels: 3, background: 'grey', noise } })
    .blur(0.6)
    .png({ compressionLevel: 0 })
    .toBuffer()
  const hue = Math.round((360 * index) / count)
  const sky = `<svg width="640" height="480"><linearGradient id="g" x2="0.3" y2="1">
    <stop stop-color="hsl(${hue} 70% 60%)"/><stop offset="1" stop-color="hsl(${hue} 60% 40%)"/></linearGradient>
    <rect width="100%" height="100%" fill="url(#g)"/></svg>`
  const picture = sharp(Buffer.from(sky)).composite([{ input: grain, blend: 'overlay' }])
  const data = await picture.jpeg({ quality: 90 }).toBuffer()
  return { data, colour: await colourOf(data) }
}
