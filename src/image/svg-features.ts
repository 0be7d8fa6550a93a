/** A feature of browsers that librsvg does not draw, and text that stands for its use. */
const FEATURES: readonly (readonly [name: string, used: RegExp])[] = [
  [
    'colour functions (oklch, oklab, lch, lab, color, color-mix, light-dark)',
    /[\s:"',(](?:ok)?l(?:ab|ch)\(|[\s:"',(](?:color|color-mix|light-dark)\(/i,
  ],
  ['CSS rules in @media, @supports, @layer or @container', /@(?:media|supports|layer|container)\b/i],
  ['CSS selectors :is(), :where() and :has()', /:(?:is|where|has)\(/i],
  ['calc()', /[\s:"'(]calc\(/i],
  ['foreignObject', /<(?:svg:)?foreignObject[\s>]/],
]
const DEFINES_VARIABLE = /[\s{;"']--[\w-]+\s{0,9}:/
const USES_VARIABLE = /var\(\s{0,9}--/i

/** Bytes that are looked at. */
const MAX_BYTES = 2 ** 20

/** Returns the names of features in an SVG that its renderer leaves out: it may look different in a browser. */
export function findUndrawnFeatures(svg: Uint8Array): readonly string[] {
  const text = Buffer.from(svg.buffer, svg.byteOffset, Math.min(svg.byteLength, MAX_BYTES)).toString()
  return [
    ...(USES_VARIABLE.test(text) && DEFINES_VARIABLE.test(text) ? ['CSS variables'] : []),
    ...(hasNestedRules(text) ? ['nested CSS rules'] : []),
    ...FEATURES.filter(([, used]) => used.test(text)).map(([name]) => name),
  ]
}

/** Returns true if a style element has a rule inside a rule. */
function hasNestedRules(text: string): boolean {
  for (let at = text.indexOf('<style'); at >= 0; at = text.indexOf('<style', at + 1)) {
    const end = text.indexOf('</style', at)
    const css = text.slice(text.indexOf('>', at) + 1, end < 0 ? text.length : end)
    if (nests(css)) return true
    if (end < 0) return false
    at = end
  }
  return false
}

function nests(css: string): boolean {
  /** For each open block, true if it belongs to an at-rule. */
  const open: boolean[] = []
  let prelude = 0
  for (let at = 0; at < css.length; at++) {
    const character = css[at]
    if (character === '{') {
      if (open.at(-1) === false) return true
      open.push(css.slice(prelude, at).includes('@'))
    } else if (character === '}') open.pop()
    if (character === '{' || character === '}' || character === ';') prelude = at + 1
  }
  return false
}
