export { httpMetrics } from './http-metrics.js'
export type { HttpMetrics, HttpMetricsOptions } from './http-metrics.js'
export { metricsEndpoint, MetricsAccessError } from './metrics-endpoint.js'
export type { MetricsEndpointOptions } from './metrics-endpoint.js'
