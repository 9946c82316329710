/** Text of a notebook file with these code cells and no outputs; their ids are `cell-0` and so on. */
export const notebookOf = (sources: string[]): string =>
  JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'bpflab', display_name: 'eBPF (C)', language: 'c' } },
    cells: sources.map((source, index) => ({
      cell_type: 'code',
      id: `cell-${index}`,
      metadata: {},
      execution_count: null,
      outputs: [],
      source
    }))
  });
