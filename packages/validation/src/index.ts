export {
  ContentRefusedError,
  HtmlLimitError,
  InputLimitError,
  RequestValidationError,
  UploadLimitError,
  UploadMalformedError,
  UploadRefusedError,
  UploadScannerError,
  UploadStalledError,
} from './errors.js'
export type { RequestValidationErrorOptions } from './errors.js'

export type { RequestPart, ValidationIssue } from './validate/issues.js'
export type {
  SchemaInput,
  SchemaIssue,
  SchemaOutput,
  SchemaResult,
  StandardSchema,
} from './validate/standard-schema.js'
export type { RequestSchemas, Valid, ValidateMiddleware } from './validate/typed-request.js'
export { validate } from './validate/validate.js'
export type { ValidateOptions } from './validate/validate.js'

export type { HtmlProfile } from './sanitize/html-profiles.js'
export { sanitizeFilename } from './sanitize/sanitize-filename.js'
export type { SanitizeFilenameOptions } from './sanitize/sanitize-filename.js'
export { htmlSanitizer, sanitizeHtml } from './sanitize/sanitize-html.js'
export type { SanitizeHtmlOptions } from './sanitize/sanitize-html.js'
export { inputSanitizer, sanitizeInput } from './sanitize/sanitize-input.js'
export type { FieldCleaning, SanitizeInputOptions } from './sanitize/sanitize-input.js'
export { sanitizeJson } from './sanitize/sanitize-json.js'
export type { SanitizeJsonOptions } from './sanitize/sanitize-json.js'
export { toPlainText } from './sanitize/to-plain-text.js'

export { checkEmail } from './validators/check-email.js'
export type { CheckEmailOptions } from './validators/check-email.js'
export { checkLength } from './validators/check-length.js'
export type { CheckLengthOptions } from './validators/check-length.js'
export { checkPagination } from './validators/check-pagination.js'
export type { CheckPaginationOptions, Page } from './validators/check-pagination.js'
export { checkUrl } from './validators/check-url.js'
export type { CheckUrlOptions } from './validators/check-url.js'
export { checkUsername } from './validators/check-username.js'
export type { CheckUsernameOptions } from './validators/check-username.js'
export { schemaOf } from './validators/check.js'
export type { Check } from './validators/check.js'
export { breachCount, pwnedPasswords } from './validators/password/breached.js'
export type { BreachRange, PwnedPasswordsOptions } from './validators/password/breached.js'
export { checkPassword } from './validators/password/check-password.js'
export type { CheckedPassword, CheckPasswordOptions } from './validators/password/check-password.js'
export { isCommonPassword } from './validators/password/common-password.js'
export { passwordStrength } from './validators/password/password-strength.js'
export type {
  CharacterKind,
  PasswordReason,
  PasswordStrength,
  PasswordStrengthOptions,
} from './validators/password/password-strength.js'

export { clamdScanner } from './uploads/clamd-scanner.js'
export type { ClamdScannerOptions } from './uploads/clamd-scanner.js'
export { inspectFile } from './uploads/inspect-file.js'
export type { InspectedFileFacts, InspectFileOptions } from './uploads/inspect-file.js'
export type { ArchiveOptions, InspectionOptions, UploadsOptions } from './uploads/options.js'
export type { FileScanner, ScannedFile, ScanResult } from './uploads/scanner.js'
export type { UploadedFile } from './uploads/uploaded-file.js'
export { uploads } from './uploads/uploads.js'
export type { UploadsMiddleware } from './uploads/uploads.js'

export { contentFilter } from './content-filter/content-filter.js'
export type {
  ContentFilterMiddleware,
  ContentFilterOptions,
  ContentViolation,
} from './content-filter/content-filter.js'
export { contentPatterns } from './content-filter/content-patterns.js'
export { textFilter } from './content-filter/text-filter.js'
export type { TextFilter, TextFilterOptions, TextViolation } from './content-filter/text-filter.js'

export { fields } from './fields/fields.js'
export type { FieldsMiddleware, FieldsOptions } from './fields/fields.js'

export { pagination } from './pagination/pagination.js'
export type { PaginationMiddleware, PaginationOptions, RequestedPage } from './pagination/pagination.js'

export { detectCrlf } from './detect/detect-crlf.js'
export { detectLdapInjection } from './detect/detect-ldap-injection.js'
export { detectNoSql } from './detect/detect-nosql.js'
export { detectPrototypePollution } from './detect/detect-prototype-pollution.js'
export { detectBodyThreats, detectThreats } from './detect/detect-threats.js'
export { detectXxe } from './detect/detect-xxe.js'
export type { Detection, DetectionLevel, DetectOptions, Severity, ThreatKind } from './detect/detection.js'
export { InspectionLimitError, ThreatError } from './detect/errors.js'
export type { ThreatExclusion } from './detect/exclusions.js'
export { threatNote, threatsOf } from './detect/finding.js'
export type { ThreatFinding, ThreatRecord } from './detect/finding.js'
export { detectXss } from './detect/html/detect-xss.js'
export type { DetectThreatsOptions } from './detect/options.js'
export { detectPathTraversal } from './detect/path/detect-path-traversal.js'
export { detectCommandInjection } from './detect/shell/detect-command-injection.js'
export { detectSqlInjection } from './detect/sql/detect-sql-injection.js'
export type { SqlDialect } from './detect/sql/lexing.js'
export { detectTemplateInjection } from './detect/template/detect-template-injection.js'
export { createThreatReport } from './detect/threat-report.js'
export type { ProposedExclusion, ThreatReport, ThreatReportEntry, ThreatReportOptions } from './detect/threat-report.js'

export { MongoGuardError, PathGuardError, ShellGuardError, SqlGuardError, UrlGuardError } from './guards/errors.js'
export { guardedFetch } from './guards/guarded-fetch.js'
export type { GuardedFetchOptions, GuardedResponse } from './guards/guarded-fetch.js'
export type { GuardInputs } from './guards/inputs.js'
export { mongoGuard } from './guards/mongo-guard.js'
export { pathGuard, resolveWithin } from './guards/path-guard.js'
export type { PathGuardOptions } from './guards/path-guard.js'
export { shellGuard } from './guards/shell-guard.js'
export type { ShellGuardOptions } from './guards/shell-guard.js'
export { sqlGuard } from './guards/sql-guard.js'
export type { SqlGuardOptions } from './guards/sql-guard.js'
export { urlGuard } from './guards/url-guard.js'
export type { GuardedUrl, ResolvedAddress, ResolveHost, UrlGuardOptions } from './guards/url-guard.js'
