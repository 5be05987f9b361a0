import { programService } from './program.mjs'

const mac = ['/Applications/Chromium.app/Contents/MacOS', '/Applications/Google Chrome.app/Contents/MacOS']

export const chromium = programService({
  name: 'Chromium',
  variable: 'TEST_CHROMIUM',
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'Chromium', 'Google Chrome'],
  debianPackage: 'chromium',
  folders: () => mac,
})
