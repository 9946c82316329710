const rule = (name, from, to) => ({ name, severity: 'error', from, to });
module.exports = {
  forbidden: [
    rule('no-circular', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
    rule(
      'protocol-imports-nothing',
      { path: '^kernel-gateway/src/protocol' },
      { pathNot: '^(kernel-gateway/src/protocol|node_modules/zod)' }
    ),
    rule(
      'core-is-pure',
      { path: '^kernel-gateway/src/core', pathNot: '\\.test\\.ts$' },
      { pathNot: '^kernel-gateway/src/(core|protocol)' }
    ),
    rule(
      'adapters-see-core-and-protocol',
      { path: '^kernel-gateway/src/adapters' },
      { path: '^kernel-gateway/src/(main|cli)' }
    ),
    rule('extension-sees-protocol-only', { path: '^extension/' }, { path: '^kernel-gateway/(src|lib)/(?!protocol)' }),
    rule('nobody-imports-test', { pathNot: '^test/' }, { path: '^test/' })
  ],
  options: {
    doNotFollow: { path: '(^|/)(node_modules|lib)/' },
    exclude: { path: '\\.test\\.ts$' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] }
  }
};
