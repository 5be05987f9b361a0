export { auditHeaders } from './audit-headers.js'
export type { AuditHeadersOptions, HeaderAudit } from './audit-headers.js'
export type { AuditCheck, AuditFinding } from './audit/finding.js'
export type { Grade } from './audit/grade.js'
export { bodyLimits } from './body-limits.js'
export type { BodyLimitsOptions } from './body-limits.js'
export { clearSiteData } from './clear-site-data.js'
export type { ClearSiteDataOptions, SiteData } from './clear-site-data.js'
export { corsAllowedHeaders, corsExposedHeaders, corsPolicy } from './cors-policy.js'
export type { CorsPolicyOptions, OriginDecision } from './cors-policy.js'
export type { OriginPattern } from './cors/origin-matcher.js'
export { cspReports } from './csp-reports.js'
export type { CspReportCounts, CspReportsMiddleware, CspReportsOptions } from './csp-reports.js'
export { csrfGuard } from './csrf-guard.js'
export type { CsrfGuardOptions } from './csrf-guard.js'
export {
  AddressRefusedError,
  BodyShapeError,
  BodySizeError,
  ContentTypeError,
  CorsError,
  CrossSiteRequestError,
  HeaderLimitError,
  HttpsRequiredError,
  NotAcceptableError,
  QueryLimitError,
  ReportError,
  RequestTimeoutError,
  UntrustedHostError,
  UrlLengthError,
} from './errors.js'
export { hardenServer } from './harden-server.js'
export type { HardenServerOptions } from './harden-server.js'
export type { CspDirectives, CspOptions, CspSource } from './headers/content-security-policy.js'
export type { HelmetHeaders } from './headers/helmet-headers.js'
export { leakingHeaders } from './headers/leaking-headers.js'
export { cspNonce } from './headers/nonce.js'
export type { PermissionsAllowlist, PermissionsFeature, PermissionsPolicy } from './headers/permissions-policy.js'
export type { HeaderProfile } from './headers/profiles.js'
export { httpsRedirect } from './https-redirect.js'
export type { HttpsRedirectOptions } from './https-redirect.js'
export { ipFilter } from './ip-filter.js'
export type { IpFilterOptions } from './ip-filter.js'
export { noStore } from './no-store.js'
export type { NoStoreOptions } from './no-store.js'
export type { BrowserReport } from './reports/browser-report.js'
export { requestLimits } from './request-limits.js'
export type { RequestLimitsOptions } from './request-limits.js'
export { requestTimeout } from './request-timeout.js'
export type { RequestTimeoutOptions } from './request-timeout.js'
export { requireContentType } from './require-content-type.js'
export type { RequireContentTypeOptions } from './require-content-type.js'
export { secureHeaders } from './secure-headers.js'
export type { SecureHeadersOptions } from './secure-headers.js'
export { trustedHosts } from './trusted-hosts.js'
export type { TrustedHostsOptions } from './trusted-hosts.js'
