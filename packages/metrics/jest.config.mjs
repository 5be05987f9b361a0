import { project } from '../../jest.config.mjs'

export default project('metrics', import.meta.dirname)
