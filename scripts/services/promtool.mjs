import { programService } from './program.mjs'

export const promtool = programService({
  name: 'promtool',
  variable: 'TEST_PROMTOOL',
  names: ['promtool'],
  debianPackage: 'prometheus',
})
