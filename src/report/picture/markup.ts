import type { PictureData } from './types.js'

type Attributes = Readonly<Record<string, string | number | undefined>>

/** Names of attributes in React that differ from those of HTML. */
const JSX_NAMES: Readonly<Record<string, string>> = {
  srcset: 'srcSet',
  fetchpriority: 'fetchPriority',
  class: 'className',
}

/** Returns the elements as HTML. All values are escaped. */
export function toHtml({ sources, img, placeholder }: PictureData): string {
  const style = placeholder && `background: ${placeholder.background}`
  return nest(
    sources.map((source) => `<source${formatHtml({ ...source })}>`),
    `<img${formatHtml({ ...img, style })}>`,
  )
}

/** Returns the elements as JSX of React. All values are escaped. */
export function toJsx({ sources, img, placeholder }: PictureData): string {
  const style = placeholder && ` style={{ background: ${JSON.stringify(placeholder.background)} }}`
  return nest(
    sources.map((source) => `<source${formatJsx({ ...source })} />`),
    `<img${formatJsx({ ...img })}${style ?? ''} />`,
  )
}

function nest(sources: readonly string[], img: string): string {
  return ['<picture>', ...[...sources, img].map((line) => `  ${line}`), '</picture>'].join('\n')
}

function formatHtml(attributes: Attributes): string {
  return format(attributes, (name, value) => `${name}="${escapeHtml(String(value))}"`)
}

function formatJsx(attributes: Attributes): string {
  return format(attributes, (name, value) => {
    const key = JSX_NAMES[name] ?? name
    if (typeof value === 'number') return `${key}={${value}}`
    // In quotes, JSX reads entities; in braces it reads a string of JavaScript.
    return /^[^&"\\\p{Cc}\u2028\u2029]*$/u.test(value)
      ? `${key}="${value}"`
      : `${key}={${JSON.stringify(value)}}`
  })
}

function format(attributes: Attributes, write: (name: string, value: string | number) => string): string {
  return Object.entries(attributes)
    .map(([name, value]) => (value === undefined ? '' : ` ${write(name, value)}`))
    .join('')
}

/** Escapes an attribute. A carriage return would be read as a line break, and NUL is not allowed at all. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#13;')
    .replaceAll('\0', '\uFFFD')
}
