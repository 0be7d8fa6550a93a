import { link, mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import sharp from 'sharp'
import type { Corpus } from '../corpus.js'

const WIDTHS = [320, 640, 1280]
/** Outputs of each photo: each width as WebP and JPEG, of one quality for all tools. */
export const OUTPUTS = WIDTHS.length * 2
const QUALITY = 80

/** A site that is built by one tool. */
export interface Site {
  readonly name: string
  readonly folder: string
  /** Arguments of Node.js, in that folder. */
  readonly build: readonly string[]
  /** Folders that a build leaves, relative to the site. */
  readonly left: readonly string[]
  /** Folder of the outputs on the site. */
  readonly images: string
}

/** Photos of a bench, and the packages that it has installed. */
interface Workplace {
  readonly work: string
  readonly modules: string
  readonly photos: readonly string[]
}

/** Writes photos that all show something else: tools that know pictures by their content would make a copy only once. */
export async function writePhotos(corpus: Corpus, folder: string, count: number): Promise<string[]> {
  const { files } = await corpus.take('baseline')
  await mkdir(folder, { recursive: true })
  const photos: string[] = []
  for (let at = 0; at < count; at++) {
    const picture = sharp(files[at % files.length])
    const { width, height } = await picture.metadata()
    const photo = join(folder, `${String(at).padStart(3, '0')}.jpg`)
    // Vite emits equal outputs once, so each photo shows another part.
    await picture
      .extract({ left: at, top: at, width: width - count, height: height - count })
      .jpeg({ quality: 90 })
      .toFile(photo)
    photos.push(photo)
  }
  return photos
}

const PRESETS = JSON.stringify({
  page: {
    widths: WIDTHS,
    formats: [
      { type: 'webp', quality: QUALITY },
      { type: 'jpeg', quality: QUALITY },
    ],
  },
})

export async function writeViteSites(place: Workplace): Promise<Site[]> {
  const query = `w=${WIDTHS.join(';')}&format=webp;jpg&quality=${QUALITY}&as=picture`
  const plugins = {
    imgproc: `import imgproc from 'imgproc/vite'
export default { logLevel: 'warn', plugins: [imgproc({ out: 'cache', presets: ${PRESETS} })] }`,
    'vite-imagetools': `import { imagetools } from 'vite-imagetools'
export default { logLevel: 'warn', build: { assetsInlineLimit: 0 }, plugins: [imagetools({ cache: { dir: 'cache' } })] }`,
  }
  const queries = { imgproc: 'preset=page', 'vite-imagetools': query }
  return Promise.all(
    Object.entries(plugins).map(async ([name, config]) => {
      const folder = await openSite(place, `vite-${name}`)
      const imports = place.photos.map(
        (photo, at) =>
          `import p${at} from './photos/${basename(photo)}?${queries[name as keyof typeof queries]}'`,
      )
      const all = place.photos.map((_, at) => `p${at}`).join(', ')
      await writeFile(join(folder, 'vite.config.js'), config)
      await writeFile(join(folder, 'main.js'), `${imports.join('\n')}\nconsole.log([${all}])\n`)
      await writeFile(join(folder, 'index.html'), '<script type="module" src="/main.js"></script>')
      const build = [join(place.modules, 'vite/bin/vite.js'), 'build']
      return { name, folder, build, left: ['dist', 'cache'], images: 'dist/assets' }
    }),
  )
}

export async function writeEleventySites(place: Workplace): Promise<Site[]> {
  const options = `{ widths: ${JSON.stringify(WIDTHS)}, formats: ['webp', 'jpeg'], sharpWebpOptions: { quality: ${QUALITY} }, sharpJpegOptions: { quality: ${QUALITY} }, urlPath: '/img/', outputDir: '_site/img/' }`
  const plugins = {
    imgproc: `import imgproc from 'imgproc/eleventy'
export default (config) => { config.addPlugin(imgproc, { preset: 'page', out: 'cache', presets: ${PRESETS} }) }`,
    'eleventy-img': `import { eleventyImageTransformPlugin } from '@11ty/eleventy-img'
export default (config) => { config.addPlugin(eleventyImageTransformPlugin, ${options}) }`,
  }
  return Promise.all(
    Object.entries(plugins).map(async ([name, config]) => {
      const folder = await openSite(place, `eleventy-${name}`)
      const images = place.photos.map(
        (photo) => `<img src="./photos/${basename(photo)}" alt="A photo" sizes="100vw">`,
      )
      await writeFile(join(folder, 'eleventy.config.js'), config)
      await writeFile(join(folder, 'index.html'), `<!doctype html>${images.join('\n')}`)
      const build = [join(place.modules, '@11ty/eleventy/cmd.cjs'), '--quiet']
      return { name, folder, build, left: ['_site', 'cache', '.cache'], images: '_site/img' }
    }),
  )
}

async function openSite({ work, photos }: Workplace, name: string): Promise<string> {
  const folder = join(work, name)
  await mkdir(join(folder, 'photos'), { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  for (const photo of photos) await link(photo, join(folder, 'photos', basename(photo)))
  return folder
}
