import type { Redactor } from '@hardening/core'

/**
 * Options of `Sentry.init` by which no body, cookie, header, query, variable or user data is sent: Sentry 11 collects all
 * of them unless told otherwise, Sentry 10 where `sendDefaultPii` is on.
 */
export const sentryPrivacyPreset: Readonly<Record<string, unknown>> = {
  sendDefaultPii: false,
  dataCollection: {
    userInfo: false,
    cookies: false,
    httpBodies: [],
    httpHeaders: { request: { allow: ['user-agent', 'x-request-id'] }, response: false },
    urlQueryParams: false,
    stackFrameVariables: false,
  },
}

/** A `beforeSend` for Sentry that hides what logs hide. */
export function scrubber(redactor: Redactor): (event: object) => object {
  return (event) => {
    // Sentry's own notes to itself are not sent, and have to stay as they are.
    const { sdkProcessingMetadata, ...sent } = event as { sdkProcessingMetadata?: unknown }
    return { ...(redactor.redact(sent) as object), sdkProcessingMetadata }
  }
}
