import { measureThumbs, type Workload } from '../bench.js'

export const baseline: Workload = {
  id: '1',
  title: 'baseline JPEG of 2 to 12 MP to 100x100',
  measure: (bench) =>
    measureThumbs(bench, { kind: 'baseline', count: 480, wanted: 1.15, wantedOfLimit: 0.85 }),
}
