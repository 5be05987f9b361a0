/** A panel: what it asks of Prometheus. `$P` stands for the prefix, `$R` for the range. */
export interface PanelDefinition {
  readonly title: string
  readonly unit: string
  readonly queries: readonly { readonly expr: string; readonly legend: string }[]
}

const query = (expr: string, legend: string): { expr: string; legend: string } => ({ expr, legend })

/** Rows of the dashboard and their panels. */
export const dashboardRows: readonly { readonly title: string; readonly panels: readonly PanelDefinition[] }[] = [
  {
    title: 'Requests',
    panels: [
      {
        title: 'Requests by status',
        unit: 'reqps',
        queries: [query('sum by (status) (rate($Phttp_requests_total[$R]))', '{{status}}')],
      },
      {
        title: 'Share of 5xx',
        unit: 'percentunit',
        queries: [
          query(
            '(sum(rate($Phttp_requests_total{status=~"5.."}[$R])) or vector(0)) / sum(rate($Phttp_requests_total[$R]))',
            '5xx',
          ),
        ],
      },
      {
        title: 'Duration',
        unit: 's',
        queries: ['0.5', '0.95', '0.99'].map((quantile) =>
          query(
            `histogram_quantile(${quantile}, sum by (le) (rate($Phttp_request_duration_seconds_bucket[$R])))`,
            `p${Number(quantile) * 100}`,
          ),
        ),
      },
      {
        title: 'Slowest routes, p95',
        unit: 's',
        queries: [
          query(
            'topk(10, histogram_quantile(0.95, sum by (route, le) (rate($Phttp_request_duration_seconds_bucket[$R]))))',
            '{{route}}',
          ),
        ],
      },
      {
        title: 'In flight',
        unit: 'short',
        queries: [
          query('sum($Phttp_requests_in_flight)', 'in flight'),
          query('sum(rate($Phttp_requests_aborted_total[$R]))', 'given up, per second'),
        ],
      },
      {
        title: 'Alerts',
        unit: 'short',
        queries: [query('max by (alert, severity) ($Palerts_firing)', '{{alert}} ({{severity}})')],
      },
    ],
  },
  {
    title: 'Protection',
    panels: [
      {
        title: 'Rate limits',
        unit: 'ops',
        queries: [
          query('sum by (limiter, outcome) (rate($Prate_limit_decisions_total[$R]))', '{{limiter}} {{outcome}}'),
        ],
      },
      {
        title: 'Threats',
        unit: 'ops',
        queries: [query('sum by (kind, blocked) (rate($Pthreats_total[$R]))', '{{kind}}, blocked {{blocked}}')],
      },
      {
        title: 'Cache hit rate',
        unit: 'percentunit',
        queries: [
          query(
            'sum by (cache) (rate($Pcache_lookups_total{outcome=~"hit|stale|negative"}[$R])) / sum by (cache) (rate($Pcache_lookups_total{outcome=~"hit|stale|negative|miss"}[$R]))',
            '{{cache}}',
          ),
        ],
      },
      {
        title: 'Breakers, Redis, health',
        unit: 'short',
        queries: [
          query('max by (breaker) ($Pcircuit_breaker_state)', 'breaker {{breaker}}'),
          query('1 - min by (name) ($Predis_up)', 'redis {{name}} down'),
          query('max by (check) ($Phealth_check_status)', 'health {{check}}'),
        ],
      },
      {
        title: 'Jobs',
        unit: 'ops',
        queries: [query('sum by (queue, event) (rate($Pjobs_total[$R]))', '{{queue}} {{event}}')],
      },
    ],
  },
  {
    title: 'Operations',
    panels: [
      {
        title: 'Operations, p95',
        unit: 's',
        queries: [
          query(
            'topk(10, histogram_quantile(0.95, sum by (kind, name, le) (rate($Poperation_duration_seconds_bucket[$R]))))',
            '{{kind}} {{name}}',
          ),
        ],
      },
      {
        title: 'Slow operations',
        unit: 'ops',
        queries: [query('sum by (kind, name) (rate($Poperations_slow_total[$R]))', '{{kind}} {{name}}')],
      },
      {
        title: 'Language models',
        unit: 'short',
        queries: [
          query('sum by (model, direction) (rate($Pllm_tokens_total[$R]))', '{{model}} {{direction}} tokens'),
          query('sum by (model) (increase($Pllm_cost_dollars_total[1h]))', '{{model}} dollars an hour'),
        ],
      },
      {
        title: 'Business',
        unit: 'ops',
        queries: [query('sum by (event) (rate($Pbusiness_events_total[$R]))', '{{event}}')],
      },
    ],
  },
  {
    title: 'Process',
    panels: [
      {
        title: 'Event loop lag',
        unit: 's',
        queries: [
          query('max($Pnodejs_eventloop_lag_p99_seconds)', 'p99'),
          query('max($Pnodejs_eventloop_lag_p50_seconds)', 'p50'),
        ],
      },
      {
        title: 'Memory',
        unit: 'bytes',
        queries: [
          query('sum($Pprocess_resident_memory_bytes)', 'resident'),
          query('sum($Pnodejs_heap_size_used_bytes)', 'heap'),
        ],
      },
      {
        title: 'CPU',
        unit: 'percentunit',
        queries: [query('sum(rate($Pprocess_cpu_seconds_total[$R]))', 'cores')],
      },
    ],
  },
]
