import { programService } from './program.mjs'

export const nginx = programService({
  name: 'nginx',
  variable: 'TEST_NGINX',
  names: ['nginx'],
  versionFlag: '-v',
  debianPackage: 'nginx',
  folders: () => ['/usr/local/sbin', '/usr/sbin', '/sbin'],
})
