/** Tokens of a call of a language model. */
export interface LlmUsage {
  promptTokens: number
  completionTokens: number
}

/** Prices of a model in dollars per million tokens. */
export interface LlmPrice {
  prompt: number
  completion: number
}

/** A call of a language model. */
export interface LlmCall<Result> {
  /** Who serves the model: `openai`. */
  provider: string
  model: string
  /** Where the result has its usage. @defaultValue `usage` as OpenAI and Anthropic answer */
  usage?: (result: Result) => LlmUsage | undefined
  /** Dollars that it cost. @defaultValue worked out from `prices` */
  cost?: (usage: LlmUsage, result: Result) => number
}

/** The usage of an answer in the forms that providers use; `undefined` where there is none. */
export function usageOf(result: unknown): LlmUsage | undefined {
  const usage = (result as { usage?: Record<string, unknown> } | null | undefined)?.usage
  if (typeof usage !== 'object' || usage === null) return undefined
  const prompt = usage['prompt_tokens'] ?? usage['input_tokens'] ?? usage['promptTokens'] ?? usage['inputTokens']
  const completion =
    usage['completion_tokens'] ?? usage['output_tokens'] ?? usage['completionTokens'] ?? usage['outputTokens']
  if (typeof prompt !== 'number' && typeof completion !== 'number') return undefined
  return { promptTokens: countOf(prompt), completionTokens: countOf(completion) }
}

/** A number that can be added to a counter: what a provider sends is not to be trusted with that. */
export function countOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0
}

/** Dollars of a usage. */
export function costOf({ promptTokens, completionTokens }: LlmUsage, price: LlmPrice | undefined): number {
  return price === undefined ? 0 : (promptTokens * price.prompt + completionTokens * price.completion) / 1e6
}
