import { existsSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hasImageName } from '../image/file-kinds.js'
import { asRecord, parseJson } from '../utils/parse-json.js'
import type { StarterProject } from '../config/starter-config.js'

/** A framework, and the folder whose files it serves as they are. */
interface Framework {
  readonly name: string
  readonly folder: string
}

/** Frameworks by their package. The first that is found counts: many of these use Vite. */
const BY_PACKAGE: readonly (readonly [packageName: string, framework: Framework])[] = [
  ['next', { name: 'Next.js', folder: 'public' }],
  ['nuxt', { name: 'Nuxt', folder: 'public' }],
  ['astro', { name: 'Astro', folder: 'public' }],
  ['@sveltejs/kit', { name: 'SvelteKit', folder: 'static' }],
  ['gatsby', { name: 'Gatsby', folder: 'static' }],
  ['@docusaurus/core', { name: 'Docusaurus', folder: 'static' }],
  ['@angular/core', { name: 'Angular', folder: 'public' }],
  ['react-scripts', { name: 'Create React App', folder: 'public' }],
  ['@11ty/eleventy', { name: 'Eleventy', folder: 'public' }],
  ['vite', { name: 'Vite', folder: 'public' }],
]
/** Frameworks that are no packages, by their files. */
const BY_FILE: readonly (readonly [file: string, framework: Framework])[] = [
  ['hugo.toml', { name: 'Hugo', folder: 'static' }],
  ['hugo.yaml', { name: 'Hugo', folder: 'static' }],
  ['_config.yml', { name: 'Jekyll', folder: 'assets' }],
]
/** Folders of the same use without a framework. */
const PUBLIC_FOLDERS = ['public', 'static']

/** Folders that hold no sources of a user. */
const SKIPPED = /^(?:node_modules|dist|build|out|thumbs|coverage|vendor|_site|target|\..*)$/
const MAX_DEPTH = 5
/** Characters of a manifest before its entries, at most. */
const HEAD = 1000
/** Files that are looked at, so that a huge folder takes no minutes. */
const MAX_FILES = 50_000

/** A project, as far as a look at its files tells. */
export interface DetectedProject extends Omit<StarterProject, 'inputs'> {
  /** Folder with most images, relative to the project; empty for the project itself, undefined if there are none. */
  readonly images: string | undefined
  /** Number of images in that folder and those below it. */
  readonly count: number
  /** Glob or folder that matches them. */
  readonly inputs: string | undefined
}

/** Finds a project's framework, its public folder, and its pictures. */
export async function detectProject(folder: string): Promise<DetectedProject> {
  const framework = findFramework(folder)
  const publicFolder = framework?.folder ?? PUBLIC_FOLDERS.find((name) => existsSync(join(folder, name)))
  const counts = await countImages(folder)
  const [images, count] = chooseFolder(counts)
  return {
    framework: framework?.name,
    publicFolder,
    schema: schemaOf(folder),
    images,
    count,
    inputs: images === undefined ? undefined : images === '' ? ownGlob(counts.extensions) : images,
  }
}

function findFramework(folder: string): Framework | undefined {
  const file = join(folder, 'package.json')
  const content = asRecord(existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : undefined)
  const packages = { ...asRecord(content.devDependencies), ...asRecord(content.dependencies) }
  const byPackage = BY_PACKAGE.find(([name]) => Object.hasOwn(packages, name))
  return byPackage?.[1] ?? BY_FILE.find(([name]) => existsSync(join(folder, name)))?.[1]
}

function schemaOf(folder: string): string {
  const installed = 'node_modules/imgproc/dist/config.schema.json'
  return existsSync(join(folder, installed))
    ? `./${installed}`
    : 'https://unpkg.com/imgproc/dist/config.schema.json'
}

interface ImageCounts {
  /** Images directly in each folder, by its path relative to the project. */
  readonly folders: ReadonlyMap<string, number>
  /** Extensions of images directly in the project's folder. */
  readonly extensions: ReadonlySet<string>
}

async function countImages(root: string): Promise<ImageCounts> {
  const folders = new Map<string, number>()
  const extensions = new Set<string>()
  const queue = ['']
  let seen = 0
  for (const path of queue) {
    if (path !== '' && isOutputFolder(join(root, path))) continue
    const entries = await readdir(join(root, path), { withFileTypes: true }).catch(() => [])
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if (++seen > MAX_FILES) return { folders, extensions }
      const below = path === '' ? entry.name : `${path}/${entry.name}`
      if (entry.isDirectory() && !SKIPPED.test(entry.name) && below.split('/').length <= MAX_DEPTH)
        queue.push(below)
      if (!entry.isFile() || !hasImageName(entry.name)) continue
      folders.set(path, (folders.get(path) ?? 0) + 1)
      if (path === '') extensions.add(entry.name.slice(entry.name.lastIndexOf('.') + 1))
    }
  }
  return { folders, extensions }
}

/** True for a folder that a run has written to: its images are no sources. */
function isOutputFolder(folder: string): boolean {
  if (existsSync(join(folder, '.imgproc'))) return true
  const manifest = join(folder, 'manifest.json')
  return existsSync(manifest) && readFileSync(manifest, 'utf8').slice(0, HEAD).includes('"name":"imgproc"')
}

/** Returns the folder that holds most images: of one and its only parent with images, the parent. */
function chooseFolder({ folders }: ImageCounts): readonly [string | undefined, number] {
  const [most] = [...folders].toSorted(([, a], [, b]) => b - a)
  if (most === undefined) return [undefined, 0]
  const [folder] = most
  if (folder === '') return ['', most[1]]
  const parents = [...folders.keys()].filter((other) => other !== '' && folder.startsWith(`${other}/`))
  const top = parents.toSorted((a, b) => a.length - b.length)[0] ?? folder
  const count = [...folders].reduce(
    (sum, [path, images]) => sum + (path === top || path.startsWith(`${top}/`) ? images : 0),
    0,
  )
  return [top, count]
}

/** Returns a glob of the images in the project's own folder, but not in those below it. */
function ownGlob(extensions: ReadonlySet<string>): string {
  const [first = '', ...others] = [...extensions].toSorted()
  return others.length === 0 ? `*.${first}` : `*.{${[first, ...others].join(',')}}`
}
