import { ConfigError } from '@hardening/core'

/** A feature of browsers that a Permissions-Policy rules; others may be named too. */
export type PermissionsFeature =
  | 'accelerometer'
  | 'autoplay'
  | 'browsing-topics'
  | 'camera'
  | 'clipboard-read'
  | 'clipboard-write'
  | 'compute-pressure'
  | 'cross-origin-isolated'
  | 'display-capture'
  | 'encrypted-media'
  | 'fullscreen'
  | 'gamepad'
  | 'geolocation'
  | 'gyroscope'
  | 'hid'
  | 'identity-credentials-get'
  | 'idle-detection'
  | 'keyboard-map'
  | 'local-fonts'
  | 'magnetometer'
  | 'microphone'
  | 'midi'
  | 'otp-credentials'
  | 'payment'
  | 'picture-in-picture'
  | 'publickey-credentials-create'
  | 'publickey-credentials-get'
  | 'screen-wake-lock'
  | 'serial'
  | 'speaker-selection'
  | 'storage-access'
  | 'sync-xhr'
  | 'unload'
  | 'usb'
  | 'web-share'
  | 'window-management'
  | 'xr-spatial-tracking'
  | (string & {})

/**
 * Who may use a feature: nobody (`[]`), everybody (`'*'`), or a list of `'self'`, `'src'` and origins. `null` leaves the
 * feature to the browser's own default.
 */
export type PermissionsAllowlist = '*' | readonly ('self' | 'src' | (string & {}))[] | null

/** Who may use which feature. */
export type PermissionsPolicy = { readonly [Feature in PermissionsFeature]?: PermissionsAllowlist }

/**
 * The value of `Permissions-Policy`: a dictionary of structured fields (RFC 9651); `undefined` where it rules nothing.
 *
 * @see https://www.w3.org/TR/permissions-policy/
 */
export function permissionsPolicyValue(factory: string, policy: PermissionsPolicy): string | undefined {
  const members: string[] = []
  for (const [feature, allowed] of Object.entries(policy)) {
    if (allowed === null || allowed === undefined) continue
    const option = `permissionsPolicy.${feature}`
    if (!/^[a-z][a-z0-9-]*$/.test(feature)) {
      throw new ConfigError(factory, option, 'a feature in lower case with hyphens', feature)
    }
    members.push(`${feature}=${allowlist(factory, option, allowed)}`)
  }
  return members.length === 0 ? undefined : members.join(', ')
}

function allowlist(factory: string, option: string, allowed: unknown): string {
  if (allowed === '*') return '*'
  if (!Array.isArray(allowed)) {
    throw new ConfigError(factory, option, "'*', or a list of 'self', 'src' and origins", allowed)
  }
  return `(${allowed.map((entry, at) => allowedEntry(factory, `${option}[${at}]`, entry)).join(' ')})`
}

function allowedEntry(factory: string, option: string, entry: unknown): string {
  if (entry === 'self' || entry === 'src') return entry
  if (typeof entry === 'string' && /^https?:\/\/(?:\*\.)?[a-z0-9.:[\]-]+$/.test(entry)) return `"${entry}"`
  throw new ConfigError(factory, option, "'self', 'src' or an origin such as 'https://example.com'", entry)
}
