import type { Project } from '../project.js'

/** The project of a plugin, which is opened at its first picture and again after a change of its files. */
export interface ProjectHolder {
  open(): Promise<Project>
  /** Lets the next picture open the project again. */
  forget(): void
  /** Returns true for a file whose change makes other pictures. */
  dependsOn(file: string): boolean
}

export function holdProject(open: () => Promise<Project>): ProjectHolder {
  let opened: Promise<Project> | undefined
  // Without a project, there are no pictures to make otherwise.
  let dependsOn: (file: string) => boolean = () => false
  const openNow = async (): Promise<Project> => {
    try {
      const project = await open()
      dependsOn = (file) => project.files.includes(file)
      return project
    } catch (error) {
      // Any change may be the correction of a mistake in the config.
      dependsOn = () => true
      throw error
    }
  }
  return {
    open: () => (opened ??= openNow()),
    forget() {
      opened = undefined
    },
    dependsOn: (file) => dependsOn(file),
  }
}
