import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/source-serif-4/opsz.css'
import { config } from 'zod'
import './styles/tokens.css'
import './styles/base.css'
import { createUnseenApp } from './app.ts'
import { openConnection } from './backend/open.ts'

// The content security policy forbids compiled validators; probing for them would only leave a complaint.
config({ jitless: true })

createUnseenApp(openConnection()).mount('#app')
