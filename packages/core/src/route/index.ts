export { captureRoute } from './capture.js'
export { routeTemplate, unmatchedRoute } from './template.js'
