import { describe, expect, it } from 'vitest'
import { makeProject } from '../support/project.js'
import { shell } from './command.js'

describe('a folder with three photos', () => {
  it.each([
    ['in the folder itself', ['a.jpg', 'b.jpg', 'c 1.jpg']],
    ['in a folder of their own', ['My photos/a.jpg', 'My photos/b.jpg', "My photos/it's.jpg"]],
  ])('is taken from init to markup by the commands that each one prints: %s', async (_, photos) => {
    const project = await makeProject()
    await project.copy('photos/landscape.jpg', ...photos)
    const typed: string[] = []
    let last = ''
    for (let command: string | undefined = 'imgproc init'; command !== undefined && typed.length < 10;) {
      typed.push(command.split(' ')[1] ?? '')
      const { code, stdout, stderr } = await shell(project, command)
      expect({ command, code }).toEqual({ command, code: 0 })
      last = stdout
      command = /^next: (.*)$/m.exec(stderr)?.[1]
    }
    expect(typed).toEqual(['init', 'thumbs', 'report', 'markup'])
    expect(last).toMatch(
      /^<picture>\n {2}<img src=".*\.thumb\.jpg" width="100" height="75" alt="what the picture shows"/,
    )
    const files = await project.files()
    expect(files.filter((file) => file.startsWith('thumbs/'))).toHaveLength(5)
  })
})
