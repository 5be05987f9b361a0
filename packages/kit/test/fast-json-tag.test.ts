import { leavesHeader } from './own-header.js'

leavesHeader('ETag', '"own"')
