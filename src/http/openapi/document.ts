import { z } from 'zod'
import { packageVersion } from '../../manifest/tool-versions.js'
import { uploadSchema } from '../request/json-upload.js'
import { presetNamesSchema } from '../request/preset-names.js'
import { IMAGES_PATH } from '../response/image-json.js'
import { names } from './answer-schemas.js'
import { imageParameters, pathParameter, queryParameter, toSchema, type Json } from './parameters.js'
import { binary, operation, type Access } from './responses.js'

/** Facts of a server that its description depends on. */
export interface DocumentOptions {
  readonly presets: readonly string[]
  readonly sources: readonly string[]
  readonly onlyPresets: boolean
  /** True if the server has tokens. */
  readonly hasTokens: boolean
}

const ID = '01931f7e-8c5a-7b3e-9d2a-0a1b2c3d4e5f'

/** Creates the description of a server: OpenAPI 3.1, from the schemas that check requests and the registry of operations. */
export function createDocument(options: DocumentOptions): Json {
  const access: Access = { hasTokens: options.hasTokens }
  const { schemas } = z.toJSONSchema(names, { uri: (id) => `#/components/schemas/${id}`, io: 'output' })
  return {
    openapi: '3.1.1',
    info: { title: 'imgproc', version: packageVersion(), license: { name: 'MIT', identifier: 'MIT' } },
    paths: {
      ...uploadPaths(access),
      ...outputPaths(options, access),
      ...Object.fromEntries(options.sources.map((source) => sourcePath(source, options, access))),
      ...servicePaths(access),
    },
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutIds(schema)])),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function uploadPaths(access: Access): Json {
  const id = pathParameter('id', 'Id of the image.', ID)
  return {
    [IMAGES_PATH]: {
      get: operation('listImages', 'List images, newest first.', access, {
        parameters: [
          queryParameter('cursor', '`next` of the page before.', { type: 'string' }),
          queryParameter('limit', 'Images of a page.', { type: 'integer', minimum: 1, default: 50 }),
        ],
        answers: { 200: 'ImagePage' },
        errors: [400],
      }),
      post: operation('uploadImage', 'Upload an image, or several as a form.', access, {
        parameters: [preferWait()],
        requestBody: uploadBody(),
        answers: { 201: ['Image'] },
        errors: [400, 403, 404, 413, 415, 422, 502, 503, 504, 507],
      }),
    },
    [`${IMAGES_PATH}/{id}`]: {
      parameters: [id],
      get: operation('getImage', 'Read the record of an image.', access, {
        parameters: [preferWait()],
        answers: { 200: 'Image' },
        errors: [404, 410],
      }),
      delete: operation('deleteImage', 'Delete an image; answers with its last record.', access, {
        answers: { 200: 'Image' },
        errors: [404, 410],
      }),
    },
  }
}

/** Paths of the outputs of an upload, and of pictures that are made of it. */
function outputPaths({ presets, onlyPresets }: DocumentOptions, access: Access): Json {
  const id = pathParameter('id', 'Id of the image.', ID)
  const extension = pathParameter('extension', 'Format of the picture, or auto.', 'webp')
  const preset = { type: 'string', enum: presets }
  const made = imageParameters(presets, onlyPresets)
  return {
    [`${IMAGES_PATH}/{id}/outputs`]: {
      parameters: [id],
      post: operation('addOutputs', 'Make more presets of an image.', access, {
        parameters: [preferWait()],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: toSchema(presetNamesSchema) } },
        },
        answers: { 200: 'Image', 202: 'Image' },
        errors: [400, 404, 410, 503],
      }),
    },
    [`${IMAGES_PATH}/{id}/download`]: {
      parameters: [id],
      get: operation('downloadImage', 'Download the upload, or one of its outputs.', access, {
        parameters: [
          queryParameter('preset', 'Preset of the output.', preset),
          queryParameter('width', 'Pixels, if the preset has widths.', { type: 'integer', minimum: 1 }),
          queryParameter('format', 'Format, if the preset has several.', { type: 'string' }),
        ],
        answers: { 200: binary, 206: binary, 304: undefined },
        errors: [400, 404, 410, 416],
      }),
    },
    [`${IMAGES_PATH}/{id}.{extension}`]: {
      parameters: [id, extension],
      get: operation('makeImage', 'Make a picture of an upload.', access, pictures(made)),
    },
  }
}

function sourcePath(
  source: string,
  { presets, onlyPresets }: DocumentOptions,
  access: Access,
): [string, Json] {
  const path = pathParameter('path', 'Path of the file; it may have slashes.', 'landscape.jpg')
  const made = imageParameters(presets, onlyPresets)
  const id = `make_${source.replaceAll('-', '_')}`
  return [
    `/${source}/{path}`,
    {
      parameters: [path],
      get: operation(id, `Make a picture of a file of ${source}.`, access, pictures(made)),
    },
  ]
}

function pictures(parameters: readonly Json[]) {
  const answers = { 200: binary, 304: undefined }
  return { parameters, answers, errors: [400, 403, 404, 413, 415, 422, 502, 503, 504] }
}

function servicePaths({ hasTokens }: Access): Json {
  const open: Access = { hasTokens, isOpen: true }
  const text = { content: { 'text/plain': { schema: { type: 'string' } } } }
  const json = { content: { 'application/json': { schema: { type: 'object' } } } }
  return {
    '/healthz': { get: operation('isAlive', 'The process answers.', open, { answers: { 200: 'Status' } }) },
    '/readyz': {
      get: operation('isReady', 'The store answers.', open, { answers: { 200: 'Status' }, errors: [503] }),
    },
    '/metrics': {
      get: operation('getMetrics', 'Figures for Prometheus.', { hasTokens }, { answers: { 200: text } }),
    },
    '/openapi.json': { get: operation('getDescription', 'This document.', open, { answers: { 200: json } }) },
  }
}

function uploadBody(): Json {
  const image = { type: 'string', format: 'binary' }
  const settings = toSchema(uploadSchema.omit({ type: true, data: true, filename: true }))
  const form = {
    ...settings,
    properties: { image, ...(settings['properties'] as Json) },
    required: ['image'],
  }
  return {
    required: true,
    content: {
      'multipart/form-data': { schema: form },
      'application/json': { schema: toSchema(uploadSchema) },
      'image/*': { schema: image },
    },
  }
}

function preferWait(): Json {
  return {
    name: 'Prefer',
    in: 'header',
    description: '`wait=10` waits so many seconds for the outputs, at most 50.',
    schema: { type: 'string', pattern: '^wait=\\d+$' },
  }
}

/** Removes the keys that only a schema of its own has. */
function withoutIds(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !['$schema', '$id', 'id'].includes(key)))
}
