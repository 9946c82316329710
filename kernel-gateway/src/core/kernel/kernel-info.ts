import { MESSAGING_VERSION } from './message-factory.js';

/** `language_info` of kernel_info_reply, also written into new notebooks. */
export const languageInfo = {
  name: 'c',
  version: 'BPF C',
  mimetype: 'text/x-csrc',
  file_extension: '.bpf.c',
  pygments_lexer: 'c',
  codemirror_mode: 'text/x-csrc',
  nbconvert_exporter: 'script'
} as const;

/** Content of kernel_info_reply. `version` is the product's version. */
export function kernelInfo(version: string): Record<string, unknown> {
  return {
    status: 'ok',
    protocol_version: MESSAGING_VERSION,
    implementation: 'bpflab',
    implementation_version: version,
    language_info: { ...languageInfo },
    banner: `bpflab ${version}: BPF C on a real kernel. %lsmagic lists the cells; %%bpf? shows the help of one.`,
    help_links: [
      { text: 'eBPF documentation', url: 'https://docs.ebpf.io/' },
      { text: 'libbpf', url: 'https://libbpf.readthedocs.io/' }
    ],
    debugger: false,
    supported_features: ['kernel subshells']
  };
}
