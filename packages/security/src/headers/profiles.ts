import { contentSecurityPolicy } from 'helmet'
import type { CspDirectives } from './content-security-policy.js'
import type { HelmetHeaders } from './helmet-headers.js'
import type { PermissionsPolicy } from './permissions-policy.js'

/** A set of defaults for a kind of application. */
export type HeaderProfile = 'web' | 'api' | 'strict'

/** What a profile stands for. */
export interface ProfileDefaults {
  readonly helmet: HelmetHeaders
  readonly csp: CspDirectives
  /** Directives that get the nonce. */
  readonly nonce: readonly string[]
  readonly permissions: PermissionsPolicy
}

// What a page hardly ever needs, and what hurts most where a script got in.
const powerful: PermissionsPolicy = {
  accelerometer: [],
  'browsing-topics': [],
  camera: [],
  'display-capture': [],
  geolocation: [],
  gyroscope: [],
  hid: [],
  'idle-detection': [],
  'local-fonts': [],
  magnetometer: [],
  microphone: [],
  midi: [],
  payment: [],
  serial: [],
  usb: [],
  'xr-spatial-tracking': [],
}

const everything: PermissionsPolicy = {
  ...powerful,
  autoplay: [],
  'clipboard-read': [],
  'clipboard-write': [],
  'compute-pressure': [],
  'cross-origin-isolated': [],
  'encrypted-media': [],
  fullscreen: [],
  gamepad: [],
  'keyboard-map': [],
  'picture-in-picture': [],
  'publickey-credentials-create': [],
  'publickey-credentials-get': [],
  'screen-wake-lock': [],
  'storage-access': [],
  'sync-xhr': [],
  'window-management': [],
}

/** The profiles of {@link secureHeaders}. */
export const profiles: Readonly<Record<HeaderProfile, ProfileDefaults>> = {
  web: {
    helmet: {
      // Not `no-referrer`: under it a browser sends `Origin: null` with a form's POST, also to its own origin, and
      // csrfGuard's fall-back could not tell it from a foreign one (Fetch standard, "append a request Origin header").
      referrerPolicy: { policy: 'same-origin' },
    },
    // OWASP ASVS 5.0 3.4.3 asks for base-uri 'none', where helmet has 'self'.
    csp: { ...contentSecurityPolicy.getDefaultDirectives(), 'base-uri': ["'none'"] },
    nonce: ['script-src'],
    permissions: powerful,
  },
  strict: {
    helmet: {
      crossOriginEmbedderPolicy: { policy: 'require-corp' },
      referrerPolicy: { policy: 'same-origin' },
      xFrameOptions: { action: 'deny' },
    },
    csp: {
      'default-src': ["'none'"],
      'base-uri': ["'none'"],
      'connect-src': ["'self'"],
      'font-src': ["'self'"],
      'form-action': ["'self'"],
      'frame-ancestors': ["'none'"],
      'img-src': ["'self'"],
      'manifest-src': ["'self'"],
      'media-src': ["'self'"],
      'object-src': ["'none'"],
      'script-src': ["'self'"],
      'script-src-attr': ["'none'"],
      'style-src': ["'self'"],
      'upgrade-insecure-requests': [],
    },
    nonce: ['script-src', 'style-src'],
    permissions: everything,
  },
  api: {
    helmet: {
      referrerPolicy: { policy: 'no-referrer' },
      xFrameOptions: { action: 'deny' },
    },
    csp: {
      'default-src': ["'none'"],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
      'frame-ancestors': ["'none'"],
    },
    nonce: [],
    permissions: everything,
  },
}
