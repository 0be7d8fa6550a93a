import { measureThumbs, type Workload } from '../bench.js'

export const small: Workload = {
  id: '3',
  title: '2,000 JPEG of 640x480 to 100x100',
  measure: (bench) => measureThumbs(bench, { kind: 'small', count: 2000, wanted: 1.6 }),
}
