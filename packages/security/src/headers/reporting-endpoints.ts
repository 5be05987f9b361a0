import { ConfigError } from '@hardening/core'

/**
 * The value of `Reporting-Endpoints`: a dictionary of structured fields (RFC 9651).
 *
 * @see https://www.w3.org/TR/reporting-1/#header
 */
export function reportingEndpointsValue(
  factory: string,
  endpoints: Readonly<Record<string, string>>,
): string | undefined {
  const members = Object.entries(endpoints).map(([name, url]) => {
    const option = `reportingEndpoints.${name}`
    if (!/^[a-z*][a-z0-9_.*-]*$/.test(name)) {
      throw new ConfigError(factory, option, 'named in lower case, beginning with a letter', name)
    }
    // Semicolon and comma would end the directive of a policy that names the URL.
    if (typeof url !== 'string' || !/^(?:https:\/\/|\/(?!\/))[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/.test(url)) {
      throw new ConfigError(factory, option, 'an https URL or a path', url)
    }
    return `${name}="${url}"`
  })
  return members.length === 0 ? undefined : members.join(', ')
}
