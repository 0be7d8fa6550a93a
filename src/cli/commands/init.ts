import { writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { detectProject } from '../detect-project.js'
import { findConfigFile } from '../../config/find-config.js'
import { STARTER_FILE, starterConfig } from '../../config/starter-config.js'
import { ImgprocError } from '../../errors.js'
import { printNext } from '../output/next-step.js'
import { plural, type Printer } from '../output/printer.js'

/** Inputs of the batch if there are no images yet. */
const INPUTS = 'photos'

/** Writes a config to start from: `imgproc init`. Never overwrites one. */
export async function initCommand(printer: Printer): Promise<void> {
  const { printLine, quiet, paint } = printer
  const cwd = process.cwd()
  const found = await findConfigFile(cwd)
  if (found !== undefined && dirname(found.file) === cwd) throw createExistsError(found.label)
  const project = await detectProject(cwd)
  const { framework, publicFolder, images, count, inputs = INPUTS } = project
  await writeFile(join(cwd, STARTER_FILE), starterConfig({ ...project, inputs }), { flag: 'wx' }).catch(
    (cause) => {
      const isThere = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
      const message = `${STARTER_FILE} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`
      throw isThere
        ? createExistsError(STARTER_FILE)
        : new ImgprocError('WRITE_FAILED', message, { stage: 'write', cause })
    },
  )
  process.stdout.write(`${STARTER_FILE}\n`)
  if (quiet) return
  if (found !== undefined)
    printLine(
      `${paint('yellow', 'warning')} in this folder it takes the place of ${relative(cwd, found.file)}`,
    )
  if (framework !== undefined) printLine(`found ${framework}: outputs go into ${publicFolder}/img`)
  if (images === undefined) {
    printLine(`There are no images here yet. Put some into ${INPUTS}, or change inputs in ${STARTER_FILE}.`)
    return
  }
  printLine(`found ${plural(count, 'image')} in ${images === '' ? 'this folder' : images}`)
  printNext(printer, ['thumbs', inputs])
}

function createExistsError(file: string): ImgprocError {
  const message = `There is a config already: ${file}. It is kept. To write a new one, move it away first.`
  return new ImgprocError('INVALID_USAGE', message, { stage: 'usage', path: file })
}
