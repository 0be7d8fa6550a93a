// Runs at CloudFront. Browsers send hundreds of different Accept headers, each of which would be a cache entry of its own.
// Only format=auto and presets depend on it, and only on these two formats.
// oxlint-disable-next-line no-unused-vars -- CloudFront calls it
function handler(event) {
  var request = event.request
  var accept = request.headers.accept ? request.headers.accept.value : ''
  var path = request.uri
  var query = request.querystring
  var auto = query.format && query.format.value.startsWith('auto')
  var depends = auto || query.preset || path.endsWith('.auto')
  var best = !depends
    ? '*/*'
    : shows(accept, 'image/avif')
      ? 'image/avif,image/webp'
      : shows(accept, 'image/webp')
        ? 'image/webp'
        : '*/*'
  request.headers.accept = { value: best }
  return request
}

function shows(accept, type) {
  var found = accept.split(',').find((part) => part.trim().split(';')[0].trim().toLowerCase() === type)
  return found !== undefined && !/;\s*q=0(?:\.0*)?\s*(?:;|$)/i.test(found)
}
