import { measureThumbs, type Workload } from '../bench.js'

export const thumbs: Workload = {
  id: '11',
  title: '2,000 JPEG of 100x68 with EXIF, nothing to shrink',
  measure: (bench) =>
    measureThumbs(bench, { kind: 'thumbs', count: 2000, wantedOver: { 'sharp loop': 4, mogrify: 1.5 } }),
}
