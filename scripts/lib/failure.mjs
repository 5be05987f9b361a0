/** Something that a person can put right; its message is all they need. */
export class Failure extends Error {}

/** Prints a failure in its own words, and anything else with its stack. */
export function tell(error) {
  console.error(error instanceof Failure ? error.message : error)
}
