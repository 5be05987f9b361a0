import { rejectUnknownOptions, stringOption } from '@hardening/core'
import { prefixOption } from '../options.js'
import { dashboardRows, type PanelDefinition } from './dashboard-panels.js'

/** Options of {@link grafanaDashboard}. */
export interface GrafanaDashboardOptions {
  /** @defaultValue `'Hardening'` */
  title?: string
  /** Start of the metrics' names. @defaultValue none */
  prefix?: string
}

const columns = 3
const width = 24 / columns
const height = 8

/**
 * A dashboard of all metrics of this package, for Grafana's import. It asks for the data source.
 *
 * @throws ConfigError `ERR_CONFIG_INVALID`
 *
 * @example
 * await writeFile('dashboard.json', JSON.stringify(grafanaDashboard(), null, 2))
 */
export function grafanaDashboard(options: GrafanaDashboardOptions = {}): Record<string, unknown> {
  rejectUnknownOptions('grafanaDashboard', options, ['title', 'prefix'])
  const { title = 'Hardening', prefix = '' } = options
  stringOption('grafanaDashboard', 'title', title)
  prefixOption('grafanaDashboard', prefix)
  const panels: Record<string, unknown>[] = []
  let y = 0
  for (const row of dashboardRows) {
    const gridPos = { x: 0, y, w: 24, h: 1 }
    panels.push({ id: panels.length + 1, type: 'row', title: row.title, collapsed: false, gridPos, panels: [] })
    y += 1
    row.panels.forEach((definition, at) => {
      const place = { x: (at % columns) * width, y: y + Math.floor(at / columns) * height, w: width, h: height }
      panels.push(panelOf(definition, panels.length + 1, place, prefix))
    })
    y += Math.ceil(row.panels.length / columns) * height
  }
  return {
    uid: 'hardening',
    title,
    tags: ['hardening', 'express'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    templating: { list: [{ name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' }] },
    annotations: { list: [] },
    panels,
  }
}

function panelOf(
  { title, unit, queries }: PanelDefinition,
  id: number,
  gridPos: object,
  prefix: string,
): Record<string, unknown> {
  const datasource = { type: 'prometheus', uid: '${datasource}' }
  return {
    id,
    type: 'timeseries',
    title,
    datasource,
    gridPos,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(({ expr, legend }, at) => ({
      refId: String.fromCharCode(65 + at),
      datasource,
      expr: expr.replaceAll('$P', prefix).replaceAll('$R', '$__rate_interval'),
      legendFormat: legend,
      exemplar: expr.includes('_duration_seconds_bucket'),
    })),
  }
}
