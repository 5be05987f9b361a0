// Imported first, and kept to syntax that very old versions read: they shall say this sentence, not a SyntaxError.
var parts = process.versions.node.split('.').map(Number)
if (parts[0] < 20 || (parts[0] === 20 && parts[1] < 19)) {
  console.error(
    'This needs Node 20.19 or newer; this is Node ' + process.versions.node + '. Get one at https://nodejs.org.',
  )
  process.exit(1)
}
