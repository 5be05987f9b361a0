import { OutgoingMessage } from 'node:http'
import type { ResponseLike } from '@hardening/core'

/**
 * Headers that tell what a response was made with, or how its network is built.
 *
 * @see https://owasp.org/www-project-secure-headers/ci/headers_remove.json
 */
export const leakingHeaders: readonly string[] = [
  '$wsep',
  'Host-Header',
  'K-Proxy-Request',
  'Liferay-Portal',
  'OracleCommerceCloud-Version',
  'Pega-Host',
  'Powered-By',
  'Product',
  'Server',
  'SourceMap',
  'X-AspNet-Version',
  'X-AspNetMvc-Version',
  'X-Atmosphere-error',
  'X-Atmosphere-first-request',
  'X-Atmosphere-tracking-id',
  'X-B3-ParentSpanId',
  'X-B3-Sampled',
  'X-B3-SpanId',
  'X-B3-TraceId',
  'X-Backside-Transport',
  'X-BEServer',
  'X-CalculatedBETarget',
  'X-CF-Powered-By',
  'X-CMS',
  'X-Cocoon-Version',
  'X-Content-Encoded-By',
  'X-DiagInfo',
  'X-dtAgentId',
  'X-dtHealthCheck',
  'X-dtInjectedServlet',
  'X-Envoy-Attempt-Count',
  'X-Envoy-External-Address',
  'X-Envoy-Internal',
  'X-Envoy-Original-Dst-Host',
  'X-Envoy-Upstream-Service-Time',
  'X-FEServer',
  'X-Framework',
  'X-Generated-By',
  'X-Generator',
  'X-Jitsi-Release',
  'X-Joomla-Version',
  'X-Kubernetes-PF-FlowSchema-UI',
  'X-Kubernetes-PF-PriorityLevel-UID',
  'X-LiteSpeed-Cache',
  'X-Litespeed-Cache-Control',
  'X-LiteSpeed-Purge',
  'X-LiteSpeed-Tag',
  'X-LiteSpeed-Vary',
  'X-Mod-Pagespeed',
  'X-Nextjs-Cache',
  'X-Nextjs-Matched-Path',
  'X-Nextjs-Page',
  'X-Nextjs-Redirect',
  'X-Old-Content-Length',
  'X-OneAgent-JS-Injection',
  'X-OWA-Version',
  'X-Page-Speed',
  'X-Php-Version',
  'X-Powered-By',
  'X-Powered-By-Plesk',
  'X-Powered-CMS',
  'X-Redirect-By',
  'X-ruxit-JS-Agent',
  'X-Server-Powered-By',
  'X-SourceFiles',
  'X-SourceMap',
  'X-Turbo-Charged-By',
  'X-Umbraco-Version',
  'X-Varnish-Backend',
  'X-Varnish-Server',
]

// The prototype's own method: an application's responses also list what the toolkit sets, which is never one of these.
const { getHeaderNames } = OutgoingMessage.prototype

/** Removes from a response what is in `names`, which are in lower case. */
export function removeHeaders(res: ResponseLike, names: ReadonlySet<string>): void {
  for (const name of getHeaderNames.call(res)) if (names.has(name)) res.removeHeader(name)
}
