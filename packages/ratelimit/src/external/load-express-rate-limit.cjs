'use strict'

// CommonJS in both builds: only here can a library be loaded when it is first needed, without a wait.
exports.loadExpressRateLimit = () => require('express-rate-limit').rateLimit
