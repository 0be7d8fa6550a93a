import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, posix, relative, resolve, sep } from 'node:path'
import { ImgprocError, toImgprocError } from '../../errors.js'
import { urlOf } from '../../jobs/job-status.js'
import type { ReadyOutput } from '../../manifest/types.js'
import { createMissingError, findSource } from '../find-source.js'
import { openProject, type Project } from '../project.js'
import { declareModules } from './declare-modules.js'
import { createDevImages, type DevImages } from './dev-images.js'
import type { ViteConfig, ViteServer } from './host-types.js'
import { holdProject } from './project-holder.js'
import { isImageId, parseImageId, splitId, type ImageImport } from './image-id.js'
import { toModuleCode, type OutputUrl } from './module-code.js'
import type { VitePlugin, VitePluginOptions } from './types.js'

/**
 * Plugin of Vite for imports of pictures with a preset. A build makes the outputs that are not up to date and emits them as
 * assets; the development server makes them when a browser asks for them.
 *
 * @example
 * ```ts
 * // vite.config.ts
 * import imgproc from 'imgproc/vite'
 * export default { plugins: [imgproc({ presets: { hero: { widths: [640, 1280], formats: ['webp', 'jpeg'] } } })] }
 * ```
 */
export function imgproc(options: VitePluginOptions = {}): VitePlugin {
  let config: ViteConfig
  let server: ViteServer | undefined
  let devImages: DevImages
  const importers = new Map<string, string>()
  const project = holdProject(() => openAndDeclare(config.root, options, server))
  return {
    name: 'imgproc',
    enforce: 'pre',
    configResolved(resolved) {
      config = resolved
      devImages = createDevImages(config, () => project.open())
    },
    configureServer(started) {
      server = started
      devImages.serve(started)
    },
    async buildStart() {
      // Each build of a watching Vite reads the config again.
      if (config.command === 'build') project.forget()
      // Editors need the declarations before a page has a picture. Mistakes are those of the first picture.
      if (options.types !== undefined) await project.open().catch(() => {})
    },
    async resolveId(source, importer) {
      if (!isImageId(source)) return null
      const [path, query] = splitId(source)
      const found = await this.resolve(path, importer, { skipSelf: true })
      const file = found === null ? undefined : splitId(found.id)[0]
      try {
        const id = `${await locate(file, path, importer, config)}?${query}`
        if (importer !== undefined) importers.set(id, importer)
        return id
      } catch (error) {
        throw explain(error, source, importer, config.root)
      }
    },
    async load(id) {
      if (!isImageId(id)) return null
      const image = parseImageId(id)
      try {
        const opened = await project.open()
        if (config.command === 'serve') return await loadForServer(opened, image, devImages)
        for (const file of [image.file, ...opened.files]) this.addWatchFile(file)
        return await loadForBuild(opened, image, config)
      } catch (error) {
        throw explain(error, id, importers.get(id), config.root)
      }
    },
    async hotUpdate({ file, modules }) {
      // Called for each environment, of which each has modules of its own.
      if (!project.dependsOn(file)) return undefined
      project.forget()
      const all = [...this.environment.moduleGraph.idToModuleMap]
      return [...modules, ...all.flatMap(([id, module]) => (isImageId(id) ? [module] : []))]
    },
  }
}

async function openAndDeclare(
  root: string,
  { types, ...options }: VitePluginOptions,
  server: ViteServer | undefined,
): Promise<Project> {
  const project = await openProject(root, options)
  server?.watcher.add(project.files)
  if (types !== undefined) await writeIfChanged(resolve(root, types), declareModules(project.presets))
  return project
}

async function writeIfChanged(file: string, content: string): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => undefined)) === content) return
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

/** Returns the absolute path of a source. Vite leaves `/hero.jpg` of its public folder as it is. */
async function locate(
  file: string | undefined,
  path: string,
  importer: string | undefined,
  { root, publicDir }: ViteConfig,
): Promise<string> {
  if (path.startsWith('/'))
    return findSource(path.slice(1), [root, publicDir].filter(Boolean)).catch(async (error: unknown) => {
      if (file === undefined) throw error
      return findSource(file, [root])
    })
  if (file !== undefined) return file
  throw await createMissingError(resolve(importer === undefined ? root : dirname(importer), path))
}

async function loadForServer(project: Project, image: ImageImport, devImages: DevImages): Promise<string> {
  // Only the analysis of a finished picture has a placeholder.
  const planned = image.placeholder === undefined ? await project.plan(image) : undefined
  const { entry } = planned ?? (await project.make(image))
  return toModuleCode(entry, image, await devImages.offer(image))
}

async function loadForBuild(project: Project, image: ImageImport, config: ViteConfig): Promise<string> {
  const { entry, folder } = await project.make(image)
  return toModuleCode(entry, image, (output) => toBuildUrl(output, folder, project, config))
}

/** Returns the URL of an output in a build: on another server, of a file that Vite copies anyway, or of an asset. */
function toBuildUrl(
  { path }: ReadyOutput,
  folder: string,
  { baseUrl, out }: Project,
  { base, publicDir }: ViteConfig,
): OutputUrl {
  const file = posix.join(folder, path)
  if (baseUrl !== undefined && /^(?:[a-z]+:)?\/\//i.test(baseUrl))
    return { url: urlOf(posix.relative(out, file), baseUrl) }
  const inPublic = publicDir === '' ? '..' : relative(publicDir, file).split(sep).join('/')
  if (!inPublic.startsWith('..') && base.startsWith('/')) return { url: urlOf(inPublic, base) }
  return { module: `${file}?url&no-inline` }
}

/** Adds the import and its module to an error. */
function explain(error: unknown, id: string, importer: string | undefined, root: string): ImgprocError {
  const { code, message, stage, path, retryable } = toImgprocError(error)
  const name = (file: string) => relative(root, file).split(sep).join('/')
  const [file, query] = splitId(id)
  const from = importer === undefined ? '' : `, imported by ${name(splitId(importer)[0])}`
  const source = file.startsWith(join(root, sep)) ? name(file) : file
  return new ImgprocError(code, `${message}\n  ${source}?${query}${from} (${code})`, {
    stage,
    path,
    retryable,
    cause: error,
  })
}
