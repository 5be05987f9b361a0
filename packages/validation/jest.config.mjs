import { project } from '../../jest.config.mjs'

export default {
  ...project('validation', import.meta.dirname),
  // ArkType too is published as ES modules alone.
  transformIgnorePatterns: ['/node_modules/(?!.*(jose|lru-cache|arktype|arkregex|@ark)/)'],
}
