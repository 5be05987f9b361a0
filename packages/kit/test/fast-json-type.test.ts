import { leavesHeader } from './own-header.js'

leavesHeader('Content-Type', 'application/x-own; charset=utf-8')
