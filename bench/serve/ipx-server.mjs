// Serves a folder of images by ipx, and prints its URL. The peer of workload 16.
//
//   node ipx-server.mjs IPX FOLDER
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'

const [file, folder] = process.argv.slice(2)
const { createIPX, createIPXNodeServer, ipxFSStorage } = await import(pathToFileURL(file).href)
const ipx = createIPX({ storage: ipxFSStorage({ dir: folder }) })
const server = createServer(createIPXNodeServer(ipx))
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
