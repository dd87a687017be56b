import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import ClassificationPage from './features/classify/ClassificationPage.vue'
import ClassifyPage from './features/classify/Page.vue'
import DatasetPage from './features/datasets/DatasetPage.vue'
import DatasetsPage from './features/datasets/Page.vue'
import RunPage from './features/training/RunPage.vue'
import TrainPage from './features/training/Page.vue'

const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/datasets' },
  { path: '/datasets', name: 'datasets', component: DatasetsPage },
  { path: '/datasets/:dataset', name: 'dataset', component: DatasetPage, props: true },
  { path: '/train', name: 'train', component: TrainPage, props: (route) => ({ dataset: route.query.dataset ?? null }) },
  { path: '/train/:run', name: 'run', component: RunPage, props: true },
  {
    path: '/graphs',
    name: 'graphs',
    // Cytoscape is large and no other page needs it.
    component: () => import('./features/graphs/Page.vue'),
    props: (route) => ({ run: route.query.run ?? null, dataset: route.query.dataset ?? null }),
  },
  {
    path: '/classes',
    name: 'classes',
    component: () => import('./features/classes/Page.vue'),
    props: (route) => ({ run: route.query.run ?? null, chosen: route.query.class ?? null }),
  },
  {
    path: '/classify',
    name: 'classify',
    component: ClassifyPage,
    props: (route) => ({ run: route.query.run ?? null }),
  },
  { path: '/classify/:classification', name: 'classification', component: ClassificationPage, props: true },
  { path: '/devices', name: 'devices', component: () => import('./features/devices/Page.vue') },
  { path: '/:unknown(.*)*', redirect: '/datasets' },
]

/** Hash addresses work alike under app:// and behind any port. */
export const createAppRouter = () => createRouter({ history: createWebHashHistory(), routes })
