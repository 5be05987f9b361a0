import { slowRegexes } from '../checks/slow-regexes.mjs'

const { count, slow } = await slowRegexes(process.argv[2])
console.log(JSON.stringify({ count, slow }, undefined, 2))
// recheck keeps a program waiting for questions.
process.exit(slow.length === 0 ? 0 : 1)
