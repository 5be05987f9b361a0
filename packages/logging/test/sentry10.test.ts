import * as Sentry from 'sentry10'
import { sentrySuite } from './sentry-suite.js'

sentrySuite(10, Sentry)
