/** Returns the TypeScript declarations of imports with presets, for a file that is no module. */
export function declareModules(presets: readonly string[]): string {
  const pictures = presets.toSorted().map(
    (preset) => `declare module '*preset=${preset}' {
  const picture: import('imgproc/vite').ImportedPicture
  export default picture
  export const entry: import('imgproc').ManifestEntry
}
`,
  )
  const texts = ['src', 'srcset'].map(
    (as) => `declare module '*&as=${as}' {
  const ${as}: string
  export default ${as}
  export const entry: import('imgproc').ManifestEntry
}
`,
  )
  return [...pictures, ...texts].join('\n')
}
