/** What a notebook of ours says of its kernel and language (nbformat 4): the kernelspec that front ends start, C for their highlighting. */
export const notebookMetadata = {
  kernelspec: { name: 'bpflab', display_name: 'eBPF (C)', language: 'c' },
  language_info: { name: 'c', mimetype: 'text/x-csrc', file_extension: '.bpf.c' }
} as const;
