import type { UploadedFile } from '../uploads/accept-upload.js'

/** A part of the body of an upload. */
export type UploadPart =
  | { readonly kind: 'file'; readonly file: UploadedFile }
  | { readonly kind: 'field'; readonly name: string; readonly value: string }
