import { programService } from './program.mjs'

export const prometheus = programService({
  name: 'Prometheus',
  variable: 'TEST_PROMETHEUS',
  names: ['prometheus'],
  debianPackage: 'prometheus',
})
