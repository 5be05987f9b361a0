import { slowRegexes } from '../checks/slow-regexes.mjs'

const found = await slowRegexes(process.argv[2])
console.log(JSON.stringify(found, undefined, 2))
// recheck keeps a program waiting for questions.
process.exit(found.slow.length === 0 ? 0 : 1)
