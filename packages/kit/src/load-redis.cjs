'use strict'

// CommonJS in both builds: only here can a library be loaded when it is first needed, without a wait.
exports.loadRedis = () => require('ioredis').Redis
