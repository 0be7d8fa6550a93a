// Test files share a process. Threads that they leave running listen to both streams, and so does each call of the command:
// Node.js would warn of them on stderr.
for (const stream of [process.stdout, process.stderr]) stream.setMaxListeners(Infinity)
