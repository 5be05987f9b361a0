import { join } from 'node:path'
import { describe, it } from '@jest/globals'
import { Readme, readmeContract } from '@hardening/test-utils'

describe('the README', () => {
  readmeContract({
    it,
    prefix: '[ME-1] ',
    readme: new Readme(join(__dirname, '..')),
    codes: 'ERR_METRICS_',
    options: [
      ['`httpMetrics(options)`', 'HttpMetricsOptions'],
      ['`metricsEndpoint(options)`', 'MetricsEndpointOptions'],
      ['`clusterMetrics(options)`', 'ClusterMetricsOptions'],
      ['`channelMetrics(options)`', 'ChannelMetricsOptions'],
      ['`trackers(options)`', 'TrackersOptions'],
      ['`alerts(options)`', 'AlertsOptions'],
    ],
  })
})
