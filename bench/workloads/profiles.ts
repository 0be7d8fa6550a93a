import { measureThumbs, type Workload } from '../bench.js'

const wantedOver = { 'sharp loop': 1.7, 'Bun.Image': 1.2 }

export const displayP3: Workload = {
  id: '12a',
  title: 'photos in Display P3 to 100x100',
  measure: (bench) => measureThumbs(bench, { kind: 'p3', count: 120, wantedOver }),
}

export const adobeRgb: Workload = {
  id: '12b',
  title: 'photos in Adobe RGB to 100x100',
  measure: (bench) => measureThumbs(bench, { kind: 'adobe', count: 120, wantedOver }),
}

export const grey: Workload = {
  id: '12c',
  title: 'grey photos to 100x100',
  measure: (bench) => measureThumbs(bench, { kind: 'grey', count: 120, wantedOver }),
}
