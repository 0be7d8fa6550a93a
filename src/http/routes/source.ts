import { Hono } from 'hono'
import { ImgprocError } from '../../errors.js'
import { resolveSourcePath } from '../request/source-path.js'
import { splitUrl } from '../request/split-url.js'
import { createProblem, refuseOtherMethods, type Replacements } from '../response/problem.js'
import type { Services } from '../services.js'
import type { Env } from '../types.js'

/** Creates `/{source}/{file}?…`: files of mounted sources, and pictures made of them. */
export function createSourceRoutes({ options, images }: Services): Hono<Env> {
  const app = new Hono<Env>()
  const { sources } = options
  const places = placesOf(options)
  for (const source of sources.keys()) {
    app.get(`/${source}/*`, async (context) => {
      const request = context.req.raw
      const { path, query } = splitUrl(request.url)
      const found = resolveSourcePath(path, sources)
      if (found === undefined) throw createNoFileError(path)
      const { ref, name } = found
      try {
        const { response, outcome } = await images.answer(request, { ref, name, query })
        context.set('outcome', outcome)
        return response
      } catch (error) {
        return createProblem(error, [[ref, path], ...places])
      }
    })
    app.all(`/${source}/*`, refuseOtherMethods(['GET', 'HEAD']))
  }
  return app
}

/** Returns the locations that a client must not see, the longest first, since one may lie in another. */
function placesOf({ sources, store, root }: Services['options']): Replacements {
  const mounted = [...sources].map(([name, place]) => [place, `/${name}`] as const)
  const own = [
    [store, 'the store'],
    [root, '.'],
  ] as const
  return [...mounted, ...own].toSorted(([a], [b]) => b.length - a.length)
}

function createNoFileError(path: string): ImgprocError {
  const message = `There is no file ${path}. Check its name.`
  return new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'usage' })
}
