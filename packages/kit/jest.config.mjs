import { project } from '../../jest.config.mjs'

export default project('kit', import.meta.dirname)
