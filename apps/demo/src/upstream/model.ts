import { isHttpError } from '@hardening/core'
import { ServiceError } from '@hardening/errors'
import type { Kit } from '@hardening/kit'
import { consecutive, presets, protect, type BreakerRegistry, type Protection } from '@hardening/resilience'

/** What a model has made of a text, as the API gives it. */
export interface Summary {
  readonly summary: string
  readonly tokens: { readonly prompt: number; readonly completion: number }
}

interface Completion {
  readonly choices: readonly { readonly message: { readonly content: string } }[]
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number }
}

/** A language model with what protects the demo from it. */
export interface Model {
  summarize(text: string): Promise<Summary>
  readonly protection: Protection
}

/** Name and dollars per million tokens of the model that is pretended. */
const modelName = 'demo-1'
export const modelPrices = { [modelName]: { prompt: 0.5, completion: 1.5 } }

/** What the SDKs of providers throw: with the status and the headers of the answer. */
class CompletionError extends Error {
  readonly status: number
  readonly headers: Headers

  constructor({ status, headers }: Response) {
    super(`The model answered ${status}`)
    this.status = status
    this.headers = headers
  }
}

/** A model behind `url`, as those of OpenAI are asked. Short times, so that a person need not wait to see them. */
export function createModel(url: () => Promise<string>, registry: BreakerRegistry, trackers: Kit['trackers']): Model {
  const protection = protect('model', {
    ...presets.llm(),
    timeout: 500,
    totalTimeout: '4s',
    retry: { retries: 2, backoff: { initial: 100, max: '1s' } },
    breaker: { opens: consecutive(3), openFor: ['3s', '15s'] },
    registry,
  })

  async function complete(content: string, signal: AbortSignal): Promise<Completion> {
    const response = await fetch(await url(), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: modelName, messages: [{ role: 'user', content }] }),
      signal,
    })
    if (!response.ok) throw new CompletionError(response)
    return (await response.json()) as Completion
  }

  async function ask(text: string): Promise<Completion> {
    try {
      // A question may be asked twice: what is paid for then is bounded by the budget.
      return await protection.execute(({ signal }) => complete(text, signal), { idempotent: true })
    } catch (error) {
      throw isHttpError(error) ? error : new ServiceError('model', 'The model does not answer', { cause: error })
    }
  }
  return {
    protection,
    async summarize(text) {
      const call = { provider: 'demo', model: modelName }
      const { choices, usage } = await (trackers?.trackLlm(call, () => ask(text)) ?? ask(text))
      const tokens = { prompt: usage.prompt_tokens, completion: usage.completion_tokens }
      return { summary: choices[0]?.message.content ?? '', tokens }
    },
  }
}
