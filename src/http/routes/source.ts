import { Hono } from 'hono'
import { ImgprocError } from '../../errors.js'
import { resolveSourcePath } from '../request/source-path.js'
import { splitUrl } from '../request/split-url.js'
import { hiddenPlaces } from '../response/hidden-places.js'
import { refuseOtherMethods, respondProblem } from '../response/problem.js'
import type { Services } from '../services.js'
import type { Env } from '../types.js'

/** Creates `/{source}/{file}?…`: files of mounted sources, and pictures made of them. */
export function createSourceRoutes({ options, images }: Services): Hono<Env> {
  const app = new Hono<Env>()
  const { sources } = options
  const places = hiddenPlaces(options)
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
        return respondProblem(context, error, [[ref, path], ...places])
      }
    })
    app.all(`/${source}/*`, refuseOtherMethods(['GET', 'HEAD']))
  }
  return app
}

function createNoFileError(path: string): ImgprocError {
  const message = `There is no file ${path}. Check its name.`
  return new ImgprocError('INPUT_NOT_FOUND', message, { stage: 'usage' })
}
