import { createApp } from 'vue'
import App from './App.vue'
import { unseenKey, type Connection } from './backend/index.ts'
import { followBackend } from './backend/state.ts'
import { createAppRouter } from './router.ts'

export function createUnseenApp(connection: Connection) {
  return createApp(App)
    .use(createAppRouter())
    .provide(unseenKey, { ...connection, ...followBackend(connection.backend) })
}
