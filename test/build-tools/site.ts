import { readFile, stat } from 'node:fs/promises'
import { makeProject, type Project } from '../support/project.js'

/** Two presets whose outputs are made in no time. */
export const CONFIG = `
out: cache
presets:
  hero: { widths: [100, 200], formats: [webp, jpeg] }
  tiny: { ops: [{ resize: 20 }, { format: png }] }
`

/** Makes a project with a picture, `src/hero.jpg`, and a config. */
export async function makeSite(config = CONFIG): Promise<Project> {
  const project = await makeProject()
  await project.copy('photos/landscape.jpg', 'src/hero.jpg')
  if (config !== '') await project.write('.imgprocrc.yaml', config)
  return project
}

/** Returns the time at which each output was written, and the content of the manifest. */
export async function snapshot(project: Project, folder = 'cache'): Promise<Record<string, unknown>> {
  const files = (await project.files(folder)).filter((file) => file !== 'manifest.json')
  const times = files.map(async (file) => [file, (await stat(project.at(`${folder}/${file}`))).mtimeMs])
  const manifest = await readFile(project.at(`${folder}/manifest.json`), 'utf8')
  return { ...Object.fromEntries(await Promise.all(times)), manifest }
}
