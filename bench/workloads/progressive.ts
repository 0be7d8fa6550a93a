import { measureThumbs, type Workload } from '../bench.js'

export const progressive: Workload = {
  id: '2',
  title: 'progressive JPEG of 2 to 12 MP to 100x100',
  measure: (bench) => measureThumbs(bench, { kind: 'progressive', count: 240, wanted: 2.5 }),
}
