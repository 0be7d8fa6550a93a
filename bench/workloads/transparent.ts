import { measureThumbs, type Workload } from '../bench.js'

export const transparent: Workload = {
  id: '5',
  title: 'PNG of 1200x900 with alpha to 100x100',
  measure: (bench) => measureThumbs(bench, { kind: 'alpha', count: 180 }),
}
