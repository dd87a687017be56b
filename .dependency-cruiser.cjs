/** The one rule (hosts → core → contract; the renderer sees only the contract), where types cannot say it. */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'contract-is-alone',
      comment: 'The contract runs anywhere: it may use only itself and libraries that need neither Node nor a DOM.',
      severity: 'error',
      from: { path: '^src-main/contract/' },
      to: { pathNot: ['^src-main/contract/', 'node_modules/(zod|birpc|@msgpack)/'] },
    },
    {
      name: 'core-points-inward',
      severity: 'error',
      from: { path: '^src-main/core/' },
      to: { path: ['^src-main/hosts/', '^src-renderer/'] },
    },
    {
      name: 'only-hosts-know-the-way-in',
      severity: 'error',
      from: { path: '^src-main/core/', pathNot: '\\.spec\\.ts$' },
      to: { path: ['node_modules/(electron|ws|commander)/', '^(node:)?(http|https|net)$'] },
    },
    {
      name: 'renderer-sees-only-the-contract',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { path: '^src-main/(core|hosts)/' },
    },
    {
      name: 'only-the-electron-host-knows-electron',
      severity: 'error',
      from: { path: '^src-', pathNot: '^src-main/hosts/electron/' },
      to: { path: 'node_modules/electron/' },
    },
    {
      name: 'features-do-not-import-each-other',
      severity: 'error',
      from: { path: '^src-renderer/features/([^/]+)/' },
      to: { path: '^src-renderer/features/', pathNot: '^src-renderer/features/$1/' },
    },
    {
      name: 'hosts-do-not-import-each-other',
      severity: 'error',
      from: { path: '^src-main/hosts/(electron|web)/' },
      to: { path: '^src-main/hosts/', pathNot: '^src-main/hosts/($1|node)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.as\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
