import { copyFile, mkdir, stat } from 'node:fs/promises'
import { dirname, posix, resolve } from 'node:path'
import { urlOf } from '../../jobs/job-status.js'
import type { ReadyOutput } from '../../manifest/types.js'
import { relativeLocation } from '../../paths/location.js'
import { pictureData } from '../../report/picture/picture-data.js'
import type { PictureAlt, PictureData } from '../../report/picture/types.js'
import { findSource } from '../find-source.js'
import { openProject, type Project } from '../project.js'
import type { BuildToolOptions } from '../types.js'
import type { EleventyConfig, EleventyPage } from './host-types.js'
import type { EleventyPictureSettings } from './types.js'

/** Folder of the site for outputs that the config places outside the site, unless it has a `baseUrl`. */
const DEFAULT_URL = '/img/'

/** A picture that a page wants. */
export interface WantedPicture {
  /** Path as the page has it. */
  readonly source: string
  readonly preset: string
  readonly page: EleventyPage | undefined
  readonly options: EleventyPictureSettings & PictureAlt
}

/** The pictures of one build of a site. */
export interface PageImages {
  /** Makes a picture, unless it is up to date. */
  take(wanted: WantedPicture): Promise<PictureData>
  /** Returns true for the URL of an output. */
  isOutput(url: string): boolean
  /** Copies the outputs that pages use into the site, if they lie outside. */
  copy(): Promise<void>
}

export function createPageImages(
  options: BuildToolOptions,
  directories: EleventyConfig['directories'],
): PageImages {
  // Eleventy begins its paths in the working directory too.
  const folder = resolve('.')
  const site = resolve(directories.output)
  const copies = new Map<string, string>()
  const urls = new Set<string>()
  let opened: Promise<Project> | undefined

  const toUrl = (output: ReadyOutput, from: string, project: Project): string => {
    const file = posix.join(from, output.path)
    const inSite = relativeLocation(file, site)
    if (!inSite.startsWith('../')) return urlOf(inSite, '/')
    const path = relativeLocation(file, project.out)
    const { baseUrl = DEFAULT_URL } = project
    if (/^(?:[a-z]+:)?\/\//i.test(baseUrl)) return urlOf(path, baseUrl)
    const url = `/${baseUrl.replace(/^\/+/, '')}`
    copies.set(file, posix.join(site, url, path))
    return urlOf(path, url)
  }

  return {
    async take({ source, preset, page, options: settings }) {
      const project = await (opened ??= openProject(folder, options))
      const own = page?.inputPath === undefined ? [] : [dirname(resolve(page.inputPath))]
      const shared = [resolve(directories.input), project.root]
      const file = source.startsWith('/')
        ? await findSource(source.slice(1), shared)
        : await findSource(source, [...own, ...shared])
      const { entry, folder: from } = await project.make({ file, preset })
      const outputs = entry.outputs.map((output) =>
        output.status === 'ready' ? { ...output, url: toUrl(output, from, project) } : output,
      )
      for (const output of outputs) if (output.status === 'ready') urls.add(output.url)
      const tool = { name: 'imgproc', version: '', sharp: '', libvips: '' } as const
      const manifest = { version: 1, tool, entries: [{ ...entry, outputs }] } as const
      return pictureData(manifest, entry.source.path, { ...settings, preset })
    },
    isOutput: (url) => urls.has(url),
    async copy() {
      await Promise.all([...copies].map(([from, to]) => copyIfChanged(from, to)))
    },
  }
}

async function copyIfChanged(from: string, to: string): Promise<void> {
  const [source, copy] = await Promise.all([stat(from), stat(to).catch(() => undefined)])
  if (copy?.size === source.size && copy.mtimeMs >= source.mtimeMs) return
  await mkdir(dirname(to), { recursive: true })
  await copyFile(from, to)
}
