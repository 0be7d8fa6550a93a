/** Milliseconds that a place of a picture has to be in view: what flies by while somebody scrolls is not decoded. */
const PATIENCE = 120
/** Places beyond the edges of the window whose pictures are ready. */
const MARGIN = '300px'

/** @type {WeakMap<Element, () => void>} */
const loaders = new WeakMap()
/** @type {WeakMap<Element, ReturnType<typeof setTimeout>>} */
const timers = new WeakMap()

const observer = new IntersectionObserver(
  (changes) => {
    for (const { target, isIntersecting } of changes) {
      clearTimeout(timers.get(target))
      if (!isIntersecting) continue
      timers.set(
        target,
        setTimeout(() => load(target), PATIENCE),
      )
    }
  },
  { rootMargin: MARGIN },
)

/** @param {Element} place */
function load(place) {
  observer.unobserve(place)
  // A row that was scrolled away is no longer in the page.
  if (place.isConnected) loaders.get(place)?.()
}

/**
 * Calls a function once an element has stayed in view. Rows of thousands of photos have pictures far beyond the edge of the
 * window, which `loading="lazy"` would load.
 *
 * @param {Element} place
 * @param {() => void} callback
 */
export function whenInView(place, callback) {
  loaders.set(place, callback)
  observer.observe(place)
}
