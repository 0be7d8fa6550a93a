import { measureThumbs, type Workload } from '../bench.js'

export const webp: Workload = {
  id: '13',
  title: 'JPEG of 2 to 12 MP to WebP of 800 px',
  measure: (bench) =>
    measureThumbs(bench, {
      kind: 'baseline',
      count: 72,
      task: { size: 800, format: 'webp' },
      wantedOver: { 'sharp loop': 1.15 },
    }),
}
