import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { posix } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ImgprocError, toImgprocError } from '../../errors.js'
import type { ReadyOutput } from '../../manifest/types.js'
import { sha256 } from '../../utils/sha256.js'
import type { Project } from '../project.js'
import type { Request } from '../types.js'
import type { ViteConfig, ViteServer } from './host-types.js'

const PREFIX = '@imgproc/'

/** An output that a page may ask for. */
interface Offer {
  readonly request: Request
  readonly recipe: string
}

/** The outputs that pages of the development server name. They are made when a browser asks for them. */
export interface DevImages {
  /** Returns a function that gives the URL of an output of a source. It changes with the source and the recipe. */
  offer(request: Request): Promise<(output: ReadyOutput) => { readonly url: string }>
  /** Adds the middleware that answers requests for them. */
  serve(server: ViteServer): void
}

export function createDevImages(
  { base, server: { origin = '' } }: Pick<ViteConfig, 'base' | 'server'>,
  open: () => Promise<Project>,
): DevImages {
  const offers = new Map<string, Offer>()
  const answer = async (path: string, response: ServerResponse): Promise<void> => {
    const [id = ''] = path.split('/')
    const offer = offers.get(id)
    if (offer === undefined) {
      response.writeHead(404).end()
      return
    }
    const { entry, folder } = await (await open()).make(offer.request)
    const output = entry.outputs.find(({ status, recipe }) => status === 'ready' && recipe === offer.recipe)
    if (output?.status !== 'ready') throw createMissingError(offer.request)
    response.writeHead(200, {
      'content-type': output.mime,
      'content-length': output.bytes,
      'cache-control': 'no-cache',
    })
    await pipeline(createReadStream(`${folder}/${output.path}`), response)
  }
  return {
    async offer(request) {
      const { mtimeMs, size } = await stat(request.file)
      return ({ path, recipe }) => {
        const { file, preset } = request
        const id = sha256([file, mtimeMs, size, preset, recipe].join('\0')).slice(0, 16)
        offers.set(id, { request, recipe })
        return { url: `${origin}${base}${PREFIX}${id}/${encodeURIComponent(posix.basename(path))}` }
      }
    },
    serve(server) {
      server.middlewares.use((request, response, next) => {
        const path = pathOf(request, base)
        if (path === undefined) next()
        else answer(path, response).catch((error: unknown) => showError(server, response, error))
      })
    },
  }
}

/** Returns the part of a URL after the prefix; undefined for other URLs. */
function pathOf({ url = '' }: IncomingMessage, base: string): string | undefined {
  const prefix = [base + PREFIX, `/${PREFIX}`].find((start) => url.startsWith(start))
  return prefix === undefined ? undefined : url.slice(prefix.length)
}

/** Shows an error in the terminal and in the overlay of the page, whose picture is missing. */
function showError({ config, ws }: ViteServer, response: ServerResponse, error: unknown): void {
  // The browser has left.
  if (response.destroyed) return
  const { code, message, stack = '' } = toImgprocError(error)
  config.logger.error(`imgproc: ${message} (${code})`)
  ws.send({ type: 'error', err: { message, stack, plugin: 'imgproc' } })
  if (response.headersSent) response.destroy()
  else response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(message)
}

function createMissingError({ file, preset }: Request): ImgprocError {
  const message = `${file} has other outputs with the preset "${preset}" than when the page was loaded. Load the page again.`
  return new ImgprocError('READ_FAILED', message, { stage: 'read', path: file })
}
