/** What clients need, free of Node: `import { readProblem } from '@hardening/errors/client'`. */
export { fromProblem, readProblem } from './problem/from-problem.js'
export type { FromProblemOptions, ParsedProblem, ProblemResponse } from './problem/from-problem.js'
export { problemMediaType, toPointer } from './problem/problem.js'
export type { Problem, ProblemIssue } from './problem/problem.js'
export { problemSchema, problemResponse } from './problem/problem-schema.js'
export type { ProblemSchema } from './problem/problem-schema.js'
export { members, problemTypes } from './problem/problem-types.js'
export type {
  KnownProblem,
  MemberSchema,
  OtherProblem,
  ProblemTypeDefinition,
  ProblemTypeDefinitions,
  ProblemTypeRegistry,
  ProblemTypes,
} from './problem/problem-types.js'
